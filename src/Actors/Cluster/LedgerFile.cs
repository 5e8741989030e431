using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// One SQLite file that Akka.Persistence.Sql writes into: made, looked at before anything uses it, and never begun anew where there was something. What
/// holds leases is forgotten by an operator's hand or not at all.
/// </summary>
/// <param name="path">The database; SQLite puts its write-ahead log beside it as <c>-wal</c>, and an index of that as <c>-shm</c>.</param>
public sealed class LedgerFile(string path)
{
    /// <summary>SQLite's <c>application_id</c> of our files: "AOLE".</summary>
    public const int ApplicationId = 0x414F4C45;

    /// <summary>SQLite's <c>user_version</c> of what this release writes. 0 is a file from before the number was written; its format is 1.</summary>
    public const int Format = 1;

    private static readonly string[] Suffixes = ["", "-wal", "-shm", "-journal"];

    public string Path => path;

    /// <summary>A busy database is waited for 5 s.</summary>
    public string ConnectionString => Connection(SqliteOpenMode.ReadWrite).ToString();

    private string Begun => $"{path}.new";

    /// <summary>
    /// Makes the file where there is none; looks through one that is there, without changing a byte of it, and only then takes it into use: with a
    /// write-ahead log, whose commits wait for the disk (<c>synchronous</c> stays FULL).
    /// </summary>
    /// <exception cref="LedgerFileException">It cannot be used; one line for the operator.</exception>
    public void Prepare()
    {
        try
        {
            if (!File.Exists(path))
                Create();
            else
                LedgerFileCheck.Look(path, Connection(SqliteOpenMode.ReadOnly).ToString());
            // Written at every start, though mostly nothing new: a full disk or a read-only one is found here, and not by the first host that asks.
            Execute(ConnectionString, $"PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; PRAGMA application_id={ApplicationId}; PRAGMA user_version={Format}; COMMIT;");
        }
        catch (SqliteException e)
        {
            throw LedgerFileException.Of(path, e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not LedgerFileException))
        {
            throw new LedgerFileException($"the ledger {path} cannot be opened: {e.Message}", broken: false, e);
        }
    }

    /// <summary>
    /// As <see cref="Prepare"/>, but a file that is damaged is moved aside with all that belongs to it, and a new one begun. Right only where a blank file
    /// claims nothing: a seat of a quorum, which does not vote before the others have enrolled it.
    /// </summary>
    /// <returns>Where the damaged file is now; null where there was none.</returns>
    /// <exception cref="LedgerFileException">It cannot be used and is not damaged, or cannot be moved.</exception>
    public string? PrepareOrSetAside()
    {
        try
        {
            Prepare();
            return null;
        }
        catch (LedgerFileException e) when (e.Broken)
        {
            string aside = SetAside();
            Prepare();
            return aside;
        }
    }

    private string SetAside()
    {
        string aside = Enumerable.Range(1, int.MaxValue).Select(n => $"{path}.broken-{n}").First(name => !Suffixes.Any(suffix => System.IO.Path.Exists(name + suffix)));
        try
        {
            foreach (string suffix in Suffixes.Where(suffix => File.Exists(path + suffix)))
                File.Move(path + suffix, aside + suffix);
            return aside;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new LedgerFileException($"the damaged {path} cannot be moved to {aside}: {e.Message}", broken: false, e);
        }
    }

    /// <summary>Under another name until it is complete: a file under its own name always has its stamp, and an empty one was cut short.</summary>
    private void Create()
    {
        if (Directory.Exists(path))
            throw new LedgerFileException($"the ledger {path} cannot be opened: it is a directory", broken: false);
        if (new FileInfo($"{path}-wal") is { Exists: true, Length: > 0 })
            throw LedgerFileException.Damaged(path, "it is gone, but its write-ahead log is there");
        File.Delete(Begun);
        File.Delete($"{Begun}-journal");
        // The configuration in the ledger may hold keys. SQLite gives its other files the same mode.
        File.Open(Begun, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }).Dispose();
        Execute(
            new SqliteConnectionStringBuilder { DataSource = Begun, Pooling = false }.ToString(),
            $"BEGIN IMMEDIATE; PRAGMA application_id={ApplicationId}; PRAGMA user_version={Format}; COMMIT;");
        File.Move(Begun, path);
    }

    private SqliteConnectionStringBuilder Connection(SqliteOpenMode mode) => new() { DataSource = path, DefaultTimeout = 5, Mode = mode, Pooling = mode != SqliteOpenMode.ReadOnly };

    private static void Execute(string connectionString, string statements)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
