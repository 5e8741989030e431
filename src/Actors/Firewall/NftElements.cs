using System.Collections.Immutable;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>A member of a set: an address, or an outer address with the inner subnet that it may send from.</summary>
public readonly record struct NftElement(IpPrefix Outer, IpPrefix? Inner) : IComparable<NftElement>
{
    /// <summary>As nft reads it.</summary>
    public string Text => Inner is { } inner ? $"{Outer.Address} . {NftScript.Range(inner)}" : Outer.Address.ToString();

    public int CompareTo(NftElement other) => Outer.CompareTo(other.Outer) is var byOuter and not 0 ? byOuter
        : Inner is { } mine && other.Inner is { } theirs ? mine.CompareTo(theirs) : 0;

    public static bool operator <(NftElement left, NftElement right) => left.CompareTo(right) < 0;

    public static bool operator >(NftElement left, NftElement right) => left.CompareTo(right) > 0;

    public static bool operator <=(NftElement left, NftElement right) => left.CompareTo(right) <= 0;

    public static bool operator >=(NftElement left, NftElement right) => left.CompareTo(right) >= 0;
}

/// <summary>The members of our sets, by name of the set. There are sets and no rules for peers, so that thousands cost a packet no more than one.</summary>
public sealed record NftElements(ImmutableSortedDictionary<string, ImmutableSortedSet<NftElement>> Sets)
{
    public static readonly NftElements None = new(ImmutableSortedDictionary.Create<string, ImmutableSortedSet<NftElement>>(StringComparer.Ordinal));

    public bool IsEmpty => Sets.Values.All(members => members.Count == 0);

    public static string Hosts(bool ipv4) => ipv4 ? "hosts4" : "hosts6";

    public static string Bound(bool ipv4) => ipv4 ? "bound4" : "bound6";

    /// <summary>The members of those sets that the table has.</summary>
    public static NftElements Of(WantedFirewall wanted, NftBody body)
    {
        if (wanted.Guard is not { } guard)
            return None;
        var sets = None.Sets.ToBuilder();
        foreach (bool ipv4 in new[] { true, false })
        {
            if (body.Sets.Contains(Hosts(ipv4)))
                sets[Hosts(ipv4)] = [.. guard.Hosts.Where(host => host.IsIPv4 == ipv4).Select(host => new NftElement(host, null))];
            if (body.Sets.Contains(Bound(ipv4)))
            {
                sets[Bound(ipv4)] = [.. (guard.Bound ?? []).Where(pair => pair.Inner.IsIPv4 == ipv4 && IpPrefix.Host(pair.Outer).IsIPv4 == ipv4)
                    .Select(pair => new NftElement(IpPrefix.Host(pair.Outer), pair.Inner))];
            }
        }
        return new NftElements(sets.ToImmutable());
    }

    /// <summary>What these have and the other has not.</summary>
    public NftElements Except(NftElements other) => Combine(other, (mine, theirs) => mine.Except(theirs));

    /// <summary>With what the other has besides, in sets that these have.</summary>
    public NftElements Union(NftElements other) => Combine(other, (mine, theirs) => mine.Union(theirs));

    private NftElements Combine(NftElements other, Func<ImmutableSortedSet<NftElement>, ImmutableSortedSet<NftElement>, ImmutableSortedSet<NftElement>> how)
    {
        var sets = None.Sets.ToBuilder();
        foreach (var (name, members) in Sets)
            sets[name] = how(members, other.Sets.GetValueOrDefault(name) ?? []);
        return new NftElements(sets.ToImmutable());
    }
}
