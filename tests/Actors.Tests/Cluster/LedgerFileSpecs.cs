using AkkaOverlay.Actors.Cluster;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>What may have become of a ledger's file, and that nothing of it is lost by looking.</summary>
public sealed class LedgerFileSpecs : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-ledger-file-");

    private string Ledger => Path.Combine(directory.FullName, "ledger.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }

    /// <summary>How a whole file with 500 rows, a part of them only in its write-ahead log, is broken, and what the message says of it.</summary>
    public static TheoryData<string, string> Breakages => new()
    {
        { "half", "damaged" },
        { "header", "not a SQLite database" },
        { "zero", "it is empty" },
        { "text", "not a SQLite database" },
        { "page", "damaged" },
        { "gone", "its write-ahead log is there" },
        { "log-header", "its write-ahead log is not one" },
        { "log-short", "its write-ahead log was cut short" },
    };

    [Fact]
    public void A_new_file_is_the_owners_alone_and_stamped()
    {
        new LedgerFile(Ledger).Prepare();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Ledger));
        Assert.Equal((LedgerFile.ApplicationId, LedgerFile.Format), Stamp());
        Assert.Equal("wal", Ask("PRAGMA journal_mode"));
        Assert.False(File.Exists($"{Ledger}.new"));
    }

    [Fact]
    public void A_whole_file_is_taken_into_use_with_what_is_in_its_log()
    {
        Fill();
        var file = new LedgerFile(Ledger);
        file.Prepare();
        Assert.Null(file.PrepareOrSetAside());
        Assert.Equal(500L, Ask("SELECT count(*) FROM journal"));
    }

    [Fact]
    public void A_path_may_hold_whatever_a_path_may_hold()
    {
        string odd = Path.Combine(directory.CreateSubdirectory("state #1? 100%41;a=b").FullName, "ledger.db");
        new LedgerFile(odd).Prepare();
        new LedgerFile(odd).Prepare();
        File.WriteAllText(odd, new string('x', 5000));
        Assert.Contains("not a SQLite database", Assert.Throws<LedgerFileException>(new LedgerFile(odd).Prepare).Message, StringComparison.Ordinal);
    }

    /// <summary>The first page, which says how many there are, is in the database already, and the others only in the log.</summary>
    [Fact]
    public void A_checkpoint_that_a_power_cut_ended_is_no_damage()
    {
        const int PageSize = 4096, LogHeader = 32, FrameHeader = 24;
        Fill();
        byte[] log = File.ReadAllBytes($"{Ledger}-wal");
        int first = Enumerable.Range(0, (log.Length - LogHeader) / (FrameHeader + PageSize)).Select(frame => LogHeader + (frame * (FrameHeader + PageSize)))
            .Last(at => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(at)) == 1);
        using (var database = File.OpenWrite(Ledger))
            database.Write(log, first + FrameHeader, PageSize);
        new LedgerFile(Ledger).Prepare();
        Assert.Equal(500L, Ask("SELECT count(*) FROM journal"));
    }

    [Theory]
    [MemberData(nameof(Breakages))]
    public void A_damaged_file_is_refused_again_and_again_and_left_as_it_is(string breakage, string expected)
    {
        Fill();
        Break(breakage);
        var before = Contents();
        for (int attempt = 0; attempt < 3; attempt++)
        {
            var refusal = Assert.Throws<LedgerFileException>(new LedgerFile(Ledger).Prepare);
            Assert.True(refusal.Broken);
            Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(Ledger, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
        }
        AssertSame(before, Contents());
    }

    [Theory]
    [MemberData(nameof(Breakages))]
    public void A_damaged_seat_is_moved_aside_whole_and_begins_blank(string breakage, string expected)
    {
        _ = expected;
        Fill();
        Break(breakage);
        var before = Contents();
        bool said = false;
        string aside = Assert.IsType<string>(new LedgerFile(Ledger).PrepareOrSetAside(() => said = !File.Exists($"{Ledger}.broken-1")));
        Assert.True(said, "moved before it was said");
        Assert.Equal($"{Ledger}.broken-1", aside);
        AssertSame(before, Contents().Where(file => file.Key.StartsWith("ledger.db.broken-1", StringComparison.Ordinal)).ToDictionary(file => file.Key.Replace(".broken-1", "", StringComparison.Ordinal), file => file.Value));
        Assert.Equal(0L, Ask("SELECT count(*) FROM sqlite_master"));

        // Once more: the first one stays.
        SqliteConnection.ClearAllPools();
        File.Delete($"{Ledger}-wal");
        File.WriteAllText(Ledger, "");
        Assert.Equal($"{Ledger}.broken-2", new LedgerFile(Ledger).PrepareOrSetAside());
        Assert.Equal(breakage == "gone" ? [$"{Ledger}.broken-2"] : [$"{Ledger}.broken-1", $"{Ledger}.broken-2"], new LedgerFile(Ledger).SetAside);
    }

    /// <summary>What a former overlay system of this process has open would take entries that are nowhere under this name.</summary>
    [Fact]
    public void What_the_pool_has_open_is_closed_before_a_file_is_taken_into_use()
    {
        var file = new LedgerFile(Ledger);
        file.Prepare();
        using (var former = new SqliteConnection(file.ConnectionString))
        {
            former.Open();
            Execute(former, "CREATE TABLE journal (a)");
        }
        // Another file under its name.
        File.Delete(Ledger);
        File.WriteAllText(Ledger, new string('x', 5000));
        Assert.NotNull(file.PrepareOrSetAside());
        using var later = new SqliteConnection(file.ConnectionString);
        later.Open();
        Execute(later, "CREATE TABLE journal (a)");
        Assert.Equal(1L, Ask("SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public void A_file_of_the_release_before_the_stamp_is_adopted()
    {
        Fill();
        Execute("PRAGMA application_id=0; PRAGMA user_version=0");
        new LedgerFile(Ledger).Prepare();
        Assert.Equal((LedgerFile.ApplicationId, LedgerFile.Format), Stamp());
        Assert.Equal(500L, Ask("SELECT count(*) FROM journal"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_newer_releases_file_is_refused_with_both_versions_and_not_moved(bool seat)
    {
        Fill();
        Execute($"PRAGMA user_version={LedgerFile.Format + 1}");
        var before = Contents();
        var refusal = Assert.Throws<LedgerFileException>(() => Open(seat));
        Assert.False(refusal.Broken);
        Assert.Contains($"format {LedgerFile.Format + 1}, written by a newer release; this one knows formats up to {LedgerFile.Format}", refusal.Message, StringComparison.Ordinal);
        AssertSame(before, Contents());
    }

    [Theory]
    [InlineData("PRAGMA application_id=0; PRAGMA user_version=0; DROP TABLE journal; CREATE TABLE theirs (a)")]
    [InlineData("PRAGMA application_id=7")]
    public void Another_programs_database_is_refused(string made)
    {
        Fill();
        Execute(made);
        var refusal = Assert.Throws<LedgerFileException>(() => Open(seat: true));
        Assert.Contains("a database of another program", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_in_its_place_is_named()
    {
        Directory.CreateDirectory(Ledger);
        Assert.Contains($"{Ledger} cannot be opened: it is a directory", Assert.Throws<LedgerFileException>(() => Open(seat: true)).Message, StringComparison.Ordinal);
    }

    private void Open(bool seat)
    {
        var file = new LedgerFile(Ledger);
        if (seat)
            file.PrepareOrSetAside();
        else
            file.Prepare();
    }

    /// <summary>As a power cut leaves it: 400 rows in the database, the last 100 only in its log.</summary>
    private void Fill()
    {
        new LedgerFile(Ledger).Prepare();
        using (var connection = Connect())
        {
            Execute(connection, "CREATE TABLE journal (ordering INTEGER PRIMARY KEY, message BLOB, UNIQUE (message))");
            Insert(connection, 400);
            Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            Insert(connection, 100);
            foreach (string suffix in new[] { "", "-wal" })
                File.Copy(Ledger + suffix, $"{Ledger}{suffix}.kept");
        }
        SqliteConnection.ClearAllPools();
        foreach (string suffix in new[] { "", "-wal" })
            File.Move($"{Ledger}{suffix}.kept", Ledger + suffix, overwrite: true);
        Assert.True(new FileInfo($"{Ledger}-wal").Length > 32);

        static void Insert(SqliteConnection connection, int rows) =>
            Execute(connection, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO journal (message) SELECT randomblob(300) FROM n");
    }

    private void Break(string how)
    {
        switch (how)
        {
            case "half":
                File.Delete($"{Ledger}-wal");
                Cut(Ledger, new FileInfo(Ledger).Length / 2);
                break;
            case "header":
                Overwrite(Ledger, 0, 100);
                break;
            case "zero":
                Cut(Ledger, 0);
                break;
            case "text":
                File.WriteAllText(Ledger, new string('x', 5000));
                break;
            case "page":
                File.Delete($"{Ledger}-wal");
                Overwrite(Ledger, 5 * 4096, 4096);
                break;
            case "gone":
                File.Delete(Ledger);
                break;
            case "log-header":
                Overwrite($"{Ledger}-wal", 8, 8);
                break;
            case "log-short":
                Cut($"{Ledger}-wal", 20);
                break;
            default:
                throw new ArgumentException(how);
        }
    }

    private static void Cut(string file, long length)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(length);
    }

    private static void Overwrite(string file, long from, int length)
    {
        using var stream = File.OpenWrite(file);
        stream.Position = from;
        stream.Write(Enumerable.Repeat((byte)0xA5, length).ToArray());
    }

    private (int, int) Stamp() => ((int)(long)Ask("PRAGMA application_id")!, (int)(long)Ask("PRAGMA user_version")!);

    /// <summary>All files but SQLite's index of the log, which is made anew by whoever looks.</summary>
    private Dictionary<string, byte[]> Contents() =>
        directory.GetFiles().Where(file => !file.Name.EndsWith("-shm", StringComparison.Ordinal)).ToDictionary(file => file.Name, file => File.ReadAllBytes(file.FullName));

    private static void AssertSame(Dictionary<string, byte[]> before, Dictionary<string, byte[]> after)
    {
        // A reader leaves an empty log where there was none.
        foreach (string name in after.Where(file => file.Key.EndsWith("-wal", StringComparison.Ordinal) && file.Value.Length == 0).Select(file => file.Key).ToList())
            after.Remove(name);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, file => Assert.Equal(file.Value, after[file.Key]));
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Ledger}");
        connection.Open();
        return connection;
    }

    private object? Ask(string question)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = question;
        return command.ExecuteScalar();
    }

    private void Execute(string statements)
    {
        using (var connection = Connect())
            Execute(connection, statements);
        SqliteConnection.ClearAllPools();
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
