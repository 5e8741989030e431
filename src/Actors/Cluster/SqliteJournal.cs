using Akka.Actor;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// The ledger in one file of this host, through Akka.Persistence.Sql. Right for one seed only: with a file on each core host nothing would stop a second
/// allocator from granting what the first one has granted.
/// </summary>
public sealed class SqliteJournal(string file) : ILedgerJournal
{
    // A busy database is waited for this long, in seconds.
    private string ConnectionString => new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5 }.ToString();

    public string Hocon => $$"""
        akka.persistence {
          journal.plugin = "akka.persistence.journal.sql"
          journal.sql {
            connection-string = "{{ConnectionString}}"
            provider-name = "SQLite.MS"
            auto-initialize = true
          }
          snapshot-store.plugin = "akka.persistence.snapshot-store.sql"
          snapshot-store.sql {
            connection-string = "{{ConnectionString}}"
            provider-name = "SQLite.MS"
            auto-initialize = true
          }
        }
        """;

    /// <summary>One host, one writer: nothing is fenced by the numbers of old events.</summary>
    public bool MayForget => true;

    internal static Akka.Configuration.Config Defaults => SqlPersistence.DefaultConfiguration;

    public ILedgerFence Attach(ActorSystem system) => NoFence.Instance;

    /// <summary>
    /// Opens the file once: makes it, sees that it is a database, and sets the write-ahead log (which stays set in the file). Every commit still waits for
    /// the disk: synchronous stays FULL.
    /// </summary>
    public void Prepare()
    {
        try
        {
            // The configuration in the ledger may hold keys. SQLite gives its other files the same mode.
            if (!File.Exists(file))
                File.Open(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }).Dispose();
            using var connection = new SqliteConnection(ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA schema_version;";
            command.ExecuteNonQuery();
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException)
        {
            throw new IOException($"the ledger {file} cannot be opened: {e.Message}", e);
        }
    }
}
