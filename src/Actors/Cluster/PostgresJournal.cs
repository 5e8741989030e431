using Akka.Actor;
using AkkaOverlay.Actors.Network;
using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// The ledger in a database that every core host can reach, through Akka.Persistence.Sql. What stops a second allocator is the database: its key
/// (persistence id, sequence number) takes each number once. docs/decisions/14-shared-journal.md has the limits.
/// </summary>
/// <param name="mark">Where this host keeps which ledger it has worked with; null keeps it for this process only.</param>
public sealed class PostgresJournal(PostgresConnection connection, LedgerMarkFile? mark = null, NetworkName network = default) : ILedgerJournal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();

    /// <summary>The ledger that this host works with; null until the database has answered once.</summary>
    internal Guid? Known { get; private set; } = mark?.Current is { Of: { Kind: LedgerIdentity.Postgres, Id: var id } } ? id : null;

    public LedgerIdentity Identity => new(LedgerIdentity.Postgres, Known);

    // linq2db's name of the dialect, for servers from 15 on.
    public string Hocon => SqlPlugins.Hocon(connection.Secret, "PostgreSQL.15", more: $"""
        auto-initialize = false
        default.schema-name = "{PostgresSchema.Name}"
        """);

    /// <summary>The key is the fence: a number that was deleted could be written again, by an allocator that has slept since.</summary>
    public bool MayForget => false;

    /// <summary>
    /// A database that refuses (password, name, rights, a newer release's ledger) is an operator's matter; one that does not answer is waited for, by
    /// <see cref="Attach"/>: hosts that start together come up in any order.
    /// </summary>
    public string? Prepare()
    {
        try
        {
            TryPrepare();
        }
        catch (Exception e) when (PostgresTrouble.IsOfDatabase(e))
        {
            if (PostgresTrouble.IsRefusal(e))
                throw new IOException(Describe(e), e);
        }
        return null;
    }

    public ILedgerFence Attach(ActorSystem system)
    {
        system.ActorOf(PostgresWatch.Props(this), "database");
        return new PostgresFence(connection, () => Known);
    }

    /// <exception cref="Exception">One of <see cref="PostgresTrouble.IsOfDatabase"/>.</exception>
    internal void TryPrepare()
    {
        using var hasty = connection.Hasty(Patience);
        hasty.Open();
        lock (gate)
        {
            var found = PostgresSchema.Prepare(hasty, network, Known, meant: mark is null ? "restart the node" : $"delete {mark.Path} and restart the node");
            mark?.Keep(new LedgerIdentity(LedgerIdentity.Postgres, found));
            Known = found;
        }
    }

    internal string Describe(Exception e) => $"--journal postgres: {connection}: {PostgresTrouble.Explain(e)}";
}
