using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>Another address range for the overlay: possible where nobody's lease falls outside of it.</summary>
internal static class RangeChange
{
    /// <summary>Named in one line; the others are counted.</summary>
    private const int MostNamed = 3;

    private const string WiderNote = "containers that run know the former network: restart them";

    public static ImmutableArray<FieldChange> Of(NetworkConfig now, NetworkConfig next) => [.. Of("", "EnableIPv4", now.IPv4, next.IPv4), .. Of("IPv6", "EnableIPv6", now.IPv6, next.IPv6)];

    /// <param name="changes">Those of the range.</param>
    public static string? Objection(NetworkConfig next, ImmutableArray<FieldChange> changes, IEnumerable<Lease> leases, IEnumerable<(IpPrefix Subnet, string Host)> reserved)
    {
        var outside = leases.Select(lease => (lease.Subnets.All.First(), Why(next, lease))).Where(item => item.Item2 is not null).OrderBy(item => item.Item1).Select(item => item.Item2!).ToList();
        if (outside.Count > 0)
            return $"{string.Join(", ", changes)}: {Named(outside)}. Such a host must give its lease back first ('cluster leave', 'lease release')";
        var kept = reserved.Where(item => !Contains(next, item.Subnet)).OrderBy(item => item.Subnet).Select(item => $"{item.Subnet} is reserved for {item.Host}").ToList();
        return kept.Count > 0 ? $"{string.Join(", ", changes)}: {Named(kept)}, which would be no subnet of it ('lease unreserve')" : null;
    }

    private static IEnumerable<FieldChange> Of(string prefix, string enable, SubnetPool? now, SubnetPool? next)
    {
        if ((now is null) != (next is null))
            yield return new FieldChange(enable, NetworkComparison.Text(now is not null), NetworkComparison.Text(next is not null), ChangeEffect.InPlace, WiderNote);
        if (now is null || next is null)
            yield break;
        if (now.Network != next.Network)
            yield return new FieldChange($"{prefix}Network", $"{now.Network}", $"{next.Network}", ChangeEffect.InPlace, WiderNote);
        if (now.SubnetLength != next.SubnetLength)
            yield return new FieldChange($"{prefix}SubnetLen", $"{now.SubnetLength}", $"{next.SubnetLength}", ChangeEffect.Grants);
        if (!now.First.Equals(next.First))
            yield return new FieldChange($"{prefix}SubnetMin", $"{now.First}", $"{next.First}", ChangeEffect.Grants);
        if (!now.Last.Equals(next.Last))
            yield return new FieldChange($"{prefix}SubnetMax", $"{now.Last}", $"{next.Last}", ChangeEffect.Grants);
    }

    private static string? Why(NetworkConfig next, Lease lease)
    {
        foreach (var subnet in lease.Subnets.All)
        {
            if (!Contains(next, subnet))
                return $"{lease.NodeName} ({lease.Owner}) holds {subnet}, which would be no subnet of it";
        }
        string? missing = next.IPv4 is not null && lease.Subnets.IPv4 is null ? "IPv4" : next.IPv6 is not null && lease.Subnets.IPv6 is null ? "IPv6" : null;
        return missing is null ? null : $"{lease.NodeName} ({lease.Owner}) holds {lease.Subnets}, and no {missing} subnet";
    }

    private static bool Contains(NetworkConfig network, IpPrefix subnet) => (subnet.IsIPv4 ? network.IPv4 : network.IPv6)?.Contains(subnet) ?? false;

    private static string Named(List<string> all) => string.Join("; ", all.Take(MostNamed)) + (all.Count > MostNamed ? $"; and {all.Count - MostNamed} more" : "");
}
