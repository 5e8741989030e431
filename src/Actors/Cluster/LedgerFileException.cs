using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>A ledger's file cannot be used; the message is one line for the operator.</summary>
/// <param name="broken">What is in it is damaged. False where it cannot be reached, or is whole and not for this release.</param>
public sealed class LedgerFileException(string message, bool broken, Exception? inner = null) : IOException(message, inner)
{
    // https://www.sqlite.org/rescode.html
    internal const int SqliteNotADatabase = 26;

    private const int SqliteCorrupt = 11, SqliteFull = 13;

    public bool Broken { get; } = broken;

    internal static LedgerFileException Damaged(string path, string how, Exception? inner = null) => new(
        $"the ledger {path} is damaged: {how}. It is left as it is: restore a backup, or move it away (with {System.IO.Path.GetFileName(path)}-wal and -shm); then a new ledger begins, and each host claims its own subnet again",
        broken: true,
        inner);

    internal static LedgerFileException Of(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        SqliteCorrupt => Damaged(path, "parts of it are missing or overwritten", e),
        SqliteNotADatabase => Damaged(path, "it is not a SQLite database", e),
        SqliteFull => new($"the ledger {path} cannot be written: no space is left on the disk", broken: false, e),
        _ => new($"the ledger {path} cannot be opened: {e.Message}", broken: false, e),
    };
}
