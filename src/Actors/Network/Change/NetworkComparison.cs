using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>What it means to put one configuration in the place of another while hosts run. Pure.</summary>
/// <param name="Changes">In the order of the documentation; empty where both mean the same.</param>
/// <param name="Refusal">Why it cannot be done at run time, in one line; null where it can.</param>
public sealed record NetworkComparison(ImmutableArray<FieldChange> Changes, string? Refusal)
{
    /// <param name="leases">Those that are held now: none may fall outside.</param>
    /// <param name="reserved">Subnets that are kept for a host of that name.</param>
    public static NetworkComparison Of(NetworkConfig now, NetworkConfig next, IEnumerable<Lease> leases, IEnumerable<(IpPrefix Subnet, string Host)> reserved)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(next);
        var range = RangeChange.Of(now, next);
        var backEnd = BackEndChange.Of(now.BackEnd, next.BackEnd);
        var changes = ImmutableArray.CreateBuilder<FieldChange>();
        changes.AddRange(range);
        if (now.EnableNFTables != next.EnableNFTables)
        {
            changes.Add(new FieldChange("EnableNFTables", Text(now.EnableNFTables), Text(next.EnableNFTables), ChangeEffect.InPlace,
                "the other tool's rules are made before these go; connections that are masqueraded already stay so"));
        }
        changes.AddRange(backEnd.Changes);
        if (now.MasqExclude != next.MasqExclude)
            changes.Add(new FieldChange("MasqExclude", List(now.MasqExclude), List(next.MasqExclude), ChangeEffect.InPlace, "connections that exist stay as they are"));
        string? refusal = backEnd.Refusal ?? (range.IsEmpty ? null : RangeChange.Objection(next, range, leases, reserved));
        return new NetworkComparison(changes.ToImmutable(), refusal);
    }

    internal static string Text(bool flag) => flag ? "true" : "false";

    /// <summary>A long list is cut: it is for a line.</summary>
    private static string List(EquatableArray<IpPrefix> networks)
    {
        const int most = 8;
        string more = networks.Count > most ? $", ... ({networks.Count})" : "";
        return $"[{string.Join(", ", networks.Take(most))}{more}]";
    }
}
