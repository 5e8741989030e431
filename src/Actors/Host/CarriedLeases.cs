using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// Leases of an earlier ledger that still count. An allocator whose ledger is behind has another ledger: a restored one, or an empty one after its disk was lost,
/// into which every host claims its own lease again. Peers that worked until now are given the time for it.
/// </summary>
internal sealed record CarriedLeases(ImmutableDictionary<NodeId, Lease> Old)
{
    public static readonly CarriedLeases None = new(ImmutableDictionary<NodeId, Lease>.Empty);

    /// <summary>Three renewals; counted from the last ledger that was behind.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <summary>True where the ledger that is seen now is another one, and behind the one before: <see cref="Time"/> begins.</summary>
    public static bool BeginWith(LedgerView before, HostProtocol.LedgerSeen seen) => seen.IsAnotherThan(before) && seen.Revision < before.Revision;

    /// <summary>Whom this ledger has had is carried no more: when that lease ends, it has ended.</summary>
    public CarriedLeases After(LedgerView before, HostProtocol.LedgerSeen seen)
    {
        var carried = BeginWith(before, seen) ? Old.SetItems(before.Leases) : Old;
        return new CarriedLeases(carried.RemoveRange(seen.Leases.Keys));
    }

    /// <summary>Those that count beside what the ledger has: not one whose subnet somebody else holds now.</summary>
    public IEnumerable<Lease> Beside(ImmutableDictionary<NodeId, Lease> leases)
    {
        if (Old.IsEmpty)
            return [];
        var held = leases.Values.SelectMany(known => known.Subnets.All).ToHashSet();
        return Old.Values.Where(old => !old.Subnets.All.Any(held.Contains));
    }
}
