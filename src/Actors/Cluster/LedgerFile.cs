using AkkaOverlay.Kernel.Files;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// One SQLite file that Akka.Persistence.Sql writes into: made, looked at before anything uses it, and never begun anew where there was something. What
/// holds leases is forgotten by an operator's hand or not at all.
/// <para>
/// In this process the file is opened by SQLite alone. Its locks are POSIX locks, and a process that closes any descriptor of a file loses all that it has on
/// it (fcntl(2)): SQLite puts the closing off while it holds a lock, a FileStream would not. And a ledger without locks loses its write-ahead log to the next
/// reader from outside.
/// </para>
/// </summary>
/// <param name="path">The database; SQLite puts its write-ahead log beside it as <c>-wal</c>, and an index of that as <c>-shm</c>.</param>
public sealed class LedgerFile(string path)
{
    /// <summary>SQLite's <c>application_id</c> of our files: "AOLE".</summary>
    public const int ApplicationId = 0x414F4C45;

    /// <summary>SQLite's <c>user_version</c> of what this release writes. 0 is a file from before the number was written; its format is 1.</summary>
    public const int Format = 1;

    private const string Broken = "broken";

    private static readonly string[] Suffixes = ["", "-wal", "-shm", "-journal"];

    public string Path => path;

    /// <summary>A busy database is waited for 5 s.</summary>
    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 5, Mode = SqliteOpenMode.ReadWrite, Pooling = true }.ToString();

    private string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;

    private string Begun => $"{path}.new";

    /// <summary>Damaged copies that were moved away and are still there.</summary>
    public IEnumerable<string> SetAside => Directory.EnumerateFiles(Folder, $"{System.IO.Path.GetFileName(path)}.{Broken}-*")
        .Where(file => !Suffixes.Any(suffix => suffix.Length > 0 && file.EndsWith(suffix, StringComparison.Ordinal)))
        .Order(StringComparer.Ordinal);

    /// <summary>
    /// Makes the file where there is none; looks through one that is there, without changing a byte of it, and only then takes it into use: with a
    /// write-ahead log, whose commits wait for the disk (<c>synchronous</c> stays FULL).
    /// </summary>
    /// <exception cref="LedgerFileException">It cannot be used; one line for the operator.</exception>
    public void Prepare()
    {
        // What an earlier overlay system of this process left open may be a file that is under this name no more: whatever it acknowledged would not be here.
        ClosePool();
        try
        {
            if (!File.Exists(path))
                Create();
            else
                LedgerFileCheck.Look(path);
            // Written at every start, though mostly nothing new: a full disk or a read-only one is found here, and not by the first host that asks.
            Execute(path, $"PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; PRAGMA application_id={ApplicationId}; PRAGMA user_version={Format}; COMMIT;");
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
    /// <param name="before">Called before anything is moved.</param>
    /// <returns>Where the damaged file is now; null where there was none.</returns>
    /// <exception cref="LedgerFileException">It cannot be used and is not damaged, or cannot be moved.</exception>
    public string? PrepareOrSetAside(Action? before = null)
    {
        try
        {
            Prepare();
            return null;
        }
        catch (LedgerFileException e) when (e.Broken)
        {
            before?.Invoke();
            string aside = MoveAside(Broken);
            Prepare();
            return aside;
        }
    }

    /// <summary>Moves the file away with all that belongs to it; whoever may have it open is this process's own pool.</summary>
    /// <param name="why">Becomes a part of the name.</param>
    /// <returns>Where it is now.</returns>
    /// <exception cref="LedgerFileException">It cannot be moved.</exception>
    public string MoveAside(string why)
    {
        ClosePool();
        string aside = Enumerable.Range(1, int.MaxValue).Select(n => $"{path}.{why}-{n}").First(name => !Suffixes.Any(suffix => System.IO.Path.Exists(name + suffix)));
        try
        {
            // The database first: a log whose database is gone is noticed at the next start, a database whose log is gone is not.
            foreach (string suffix in Suffixes.Where(suffix => File.Exists(path + suffix)))
                File.Move(path + suffix, aside + suffix);
            DirectoryEntries.Flush(Folder);
            return aside;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new LedgerFileException($"{path} cannot be moved to {aside}: {e.Message}", broken: false, e);
        }
    }

    private void ClosePool()
    {
        using var any = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(any);
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
        Execute(Begun, $"BEGIN IMMEDIATE; PRAGMA application_id={ApplicationId}; PRAGMA user_version={Format}; COMMIT;");
        File.Move(Begun, path);
        DirectoryEntries.Flush(Folder);
    }

    /// <summary>Without the pool: nothing stays open.</summary>
    private static void Execute(string file, string statements)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
