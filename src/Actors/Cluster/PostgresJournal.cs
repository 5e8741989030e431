using Akka.Actor;
using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// The ledger in a database that every core host can reach, through Akka.Persistence.Sql. What stops a second allocator is the database: its key
/// (persistence id, sequence number) takes each number once. docs/decisions/14-shared-journal.md has the limits.
/// </summary>
public sealed class PostgresJournal(PostgresConnection connection) : ILedgerJournal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();

    /// <summary>The ledger that this process works with; null until the database has answered once.</summary>
    internal Guid? Known { get; private set; }

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
    public void Prepare()
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
            Known = PostgresSchema.Prepare(hasty, Known);
    }

    internal string Describe(Exception e) => $"--journal postgres: {connection}: {PostgresTrouble.Explain(e)}";
}
