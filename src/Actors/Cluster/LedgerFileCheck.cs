using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Whether a file is a whole ledger of ours, found out by reading alone: what is damaged must be left as it was found.</summary>
internal static class LedgerFileCheck
{
    /// <exception cref="LedgerFileException">It is damaged, another program's, or a newer release's.</exception>
    /// <exception cref="SqliteException">SQLite says so by itself.</exception>
    public static void Look(string path)
    {
        CheckStart(path);
        CheckLog(path);
        using var connection = Open(path);
        long application = Number(connection, "PRAGMA application_id");
        long format = Number(connection, "PRAGMA user_version");
        if (application == LedgerFile.ApplicationId && format > LedgerFile.Format)
        {
            throw new LedgerFileException(
                $"the ledger {path} has format {format}, written by a newer release; this one knows formats up to {LedgerFile.Format}: install the newer release again", broken: false);
        }
        bool foreign = application == 0
            ? Number(connection, "SELECT count(*) FROM sqlite_master") > 0 && Number(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'journal'") == 0
            : application != LedgerFile.ApplicationId;
        if (foreign)
            throw new LedgerFileException($"{path} is a database of another program: name another --state-dir, or move it away", broken: false);
        if (Text(connection, "PRAGMA integrity_check(1)") is var found && found != "ok")
            throw LedgerFileException.Damaged(path, found.ReplaceLineEndings(" "));
    }

    /// <summary>
    /// SQLite would read on where the log happens to hold the first page too. An immutable database is one that it reads without its log, and without locks.
    /// </summary>
    /// <remarks>https://www.sqlite.org/uri.html, "immutable"</remarks>
    private static void CheckStart(string path)
    {
        if (new FileInfo(path).Length == 0)
            throw LedgerFileException.Damaged(path, "it is empty");
        string uri = string.Join('/', Path.GetFullPath(path).Split('/').Select(Uri.EscapeDataString));
        try
        {
            using var alone = Open($"file://{uri}?immutable=1");
            Number(alone, "PRAGMA application_id");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == LedgerFileException.SqliteNotADatabase)
        {
            throw LedgerFileException.Damaged(path, "it is not a SQLite database", e);
        }
        catch (SqliteException)
        {
            // The log may have what is missing here; whoever reads both will say.
        }
    }

    /// <summary>
    /// SQLite takes a write-ahead log whose header is not right for an empty one, and what was committed there for never written. Header of zeros: a power
    /// cut before anything of it was committed.
    /// </summary>
    /// <remarks>
    /// https://www.sqlite.org/fileformat2.html, "WAL File Format". Read past SQLite: there is no lock on the log, they are on the database and on the -shm, and
    /// the pool was closed before.
    /// </remarks>
    private static void CheckLog(string path)
    {
        const uint Magic = 0x377F0682, Version = 3007000;
        const int HeaderLength = 32;
        var log = new FileInfo($"{path}-wal");
        if (!log.Exists || log.Length == 0)
            return;
        Span<byte> header = stackalloc byte[HeaderLength];
        using (var stream = log.OpenRead())
        {
            if (stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
                throw LedgerFileException.Damaged(path, "its write-ahead log was cut short");
        }
        if (header.IndexOfAnyExcept((byte)0) < 0)
            return;
        uint magic = Word(header, 0);
        bool right = magic is Magic or (Magic | 1) && Word(header, 1) == Version && SumOf(header[..24], bigEndian: magic != Magic) == (Word(header, 6), Word(header, 7));
        if (!right)
            throw LedgerFileException.Damaged(path, "its write-ahead log is not one");
    }

    private static uint Word(ReadOnlySpan<byte> octets, int index) => BinaryPrimitives.ReadUInt32BigEndian(octets[(index * 4)..]);

    /// <summary>"Checksum Algorithm", ibid.; the lowest bit of the magic number tells the byte order.</summary>
    private static (uint, uint) SumOf(ReadOnlySpan<byte> octets, bool bigEndian)
    {
        uint s0 = 0, s1 = 0;
        for (int i = 0; i < octets.Length; i += 8)
        {
            s0 += At(octets, i) + s1;
            s1 += At(octets, i + 4) + s0;
        }
        return (s0, s1);

        uint At(ReadOnlySpan<byte> from, int offset) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(from[offset..]) : BinaryPrimitives.ReadUInt32LittleEndian(from[offset..]);
    }

    /// <summary>For reading, and closed by SQLite itself.</summary>
    internal static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 5, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static long Number(SqliteConnection connection, string question) => Convert.ToInt64(Scalar(connection, question), CultureInfo.InvariantCulture);

    private static string Text(SqliteConnection connection, string question) => Convert.ToString(Scalar(connection, question), CultureInfo.InvariantCulture) ?? "";

    private static object? Scalar(SqliteConnection connection, string question)
    {
        using var command = connection.CreateCommand();
        command.CommandText = question;
        return command.ExecuteScalar();
    }
}
