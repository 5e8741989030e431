using Akka.Actor;
using Akka.Persistence.Sql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// The ledger in one file of this host, through Akka.Persistence.Sql. Right for one seed only: with a file on each core host nothing would stop a second
/// allocator from granting what the first one has granted.
/// </summary>
public sealed class SqliteJournal(string file) : ILedgerJournal
{
    private readonly LedgerFile ledger = new(file);

    public string Hocon => SqlPlugins.Hocon(ledger.ConnectionString, "SQLite.MS", more: "auto-initialize = true");

    /// <summary>One host, one writer: nothing is fenced by the numbers of old events.</summary>
    public bool MayForget => true;

    public LedgerIdentity Identity { get; } = new(LedgerIdentity.Sqlite, null);

    internal static Akka.Configuration.Config Defaults => SqlPersistence.DefaultConfiguration;

    public ILedgerFence Attach(ActorSystem system) => NoFence.Instance;

    /// <exception cref="LedgerFileException">The file cannot be used. It is left as it is: an empty ledger in its place would have forgotten every lease.</exception>
    public string? Prepare()
    {
        ledger.Prepare();
        return null;
    }
}
