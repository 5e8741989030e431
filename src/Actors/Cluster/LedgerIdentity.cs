namespace AkkaOverlay.Actors.Cluster;

/// <summary>Which ledger a core host writes: two that write different ones would each hand out the same subnets.</summary>
/// <param name="Kind">As <c>--journal</c> names it.</param>
/// <param name="Id">Made with the ledger; null where it is not known, or where the kind has none.</param>
public sealed record LedgerIdentity(string Kind, Guid? Id)
{
    public const string Sqlite = "sqlite", Quorum = "quorum", Postgres = "postgres";

    /// <summary>What is known of both cannot be one ledger. Null, of a host of an earlier release that does not say, differs from nothing.</summary>
    public static bool Differ(LedgerIdentity? one, LedgerIdentity? other) =>
        one is not null && other is not null && (one.Kind != other.Kind || (one.Id is { } mine && other.Id is { } theirs && mine != theirs));

    /// <summary>What an operator does where this host's ledger and another's differ.</summary>
    public static string Advice(LedgerIdentity mine, LedgerIdentity theirs) => mine.Kind != theirs.Kind ? "give every host of the core the same --seed list and --journal"
        : mine.Kind == Postgres ? "give every host of the core the same database"
        : "on the one whose leases do not count any more, move seat.db and ledger-id out of the state directory";

    public override string ToString() => Id is { } id ? $"--journal {Kind} (ledger {id})" : $"--journal {Kind}";
}
