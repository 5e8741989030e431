using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

public enum FirewallEngine
{
    Iptables,
    Nftables,
}

/// <summary>The packet filter rules that one host wants.</summary>
/// <param name="Engine">Who carries <paramref name="Rules"/>; the guard is nftables' always.</param>
/// <param name="Rules">In order, chain by chain.</param>
/// <param name="Guard">Null where nothing is guarded.</param>
public sealed record WantedFirewall(FirewallNames Names, FirewallEngine Engine, EquatableArray<PacketRule> Rules, WantedGuard? Guard)
{
    public bool Masquerades => Rules.Items.Any(rule => rule.Chain == RuleChain.PostRouting);

    public bool Forwards => Rules.Items.Any(rule => rule.Chain == RuleChain.Forward);

    /// <summary>Somebody asked for what the rules do: without them the host is not ready.</summary>
    public bool RulesRequired => Masquerades || (Engine == FirewallEngine.Nftables && Rules.Count > 0);

    public bool Has(bool ipv4) => Rules.Items.Any(rule => rule.IPv4 == ipv4);

    /// <summary>Nothing is wanted: what there is of ours goes.</summary>
    public static WantedFirewall Nothing(FirewallNames names) => new(names, FirewallEngine.Iptables, [], null);
}

/// <summary>An outer address, and a subnet from which it may send inside a tunnel.</summary>
public readonly record struct BoundSubnet(IPAddress Outer, IpPrefix Inner) : IComparable<BoundSubnet>
{
    public int CompareTo(BoundSubnet other) => IpPrefix.Host(Outer).CompareTo(IpPrefix.Host(other.Outer)) is var byOuter and not 0 ? byOuter : Inner.CompareTo(other.Inner);

    public static bool operator <(BoundSubnet left, BoundSubnet right) => left.CompareTo(right) < 0;

    public static bool operator >(BoundSubnet left, BoundSubnet right) => left.CompareTo(right) > 0;

    public static bool operator <=(BoundSubnet left, BoundSubnet right) => left.CompareTo(right) <= 0;

    public static bool operator >=(BoundSubnet left, BoundSubnet right) => left.CompareTo(right) >= 0;
}

/// <summary>What is let through to our tunnel, and between overlay addresses outside of it.</summary>
/// <param name="Port">UDP. Null where the tunnel is known otherwise, or judges its packets itself: then only those outside of it are looked at.</param>
/// <param name="Vni">Of vxlan: packets of other networks at the same port are not ours to judge, unless our device takes them. Null for any other.</param>
/// <param name="Required">Without nft, too, the host is not ready. Where nft is there and the guard is not, it never is.</param>
/// <param name="Networks">The overlay's whole networks: no outer sender is in them, and inner senders in them are bound to their host.</param>
/// <param name="Senders">Null where packets prove themselves who they are from.</param>
/// <param name="Bound">Which inner subnets an outer address may send from; null where that is looked at elsewhere.</param>
public sealed record WantedGuard(
    int? Port,
    uint? Vni,
    bool Required,
    EquatableArray<IpPrefix> Networks,
    ImmutableSortedSet<IpPrefix>? Senders,
    ImmutableSortedSet<BoundSubnet>? Bound)
{
    /// <summary>Hosts with a lease, wherever their packets come from: what is sent on to them through this host is judged too.</summary>
    public required ImmutableSortedSet<IpPrefix> Hosts { get; init; }

    /// <summary>Our device takes packets of every VNI at its port, so that no other device can have the port: those of others than ours are dropped.</summary>
    public bool TakesEveryVni { get; init; }

    /// <summary>Of ipip: the address to which tunnel packets come, which have no port. Null for any other.</summary>
    public IPAddress? IpipLocal { get; init; }

    /// <summary>Of the udp back end, where its tunnel stands beside vxlan's; null where it does not.</summary>
    public TunnelBeside? Beside { get; init; }

    /// <summary>For the operator.</summary>
    public string What => Beside is not null ? $"UDP ports {Port} and {Beside.Port}" : Port is not null ? $"UDP port {Port}" : IpipLocal is not null ? "ipip" : "overlay addresses";

    /// <summary>No two hosts exchange overlay packets but by the tunnel.</summary>
    public required bool TunnelOnly { get; init; }
}

/// <summary>A second tunnel, whose forwarders bind inner senders to their host themselves.</summary>
/// <param name="Port">UDP.</param>
/// <param name="AsksSenders">False where packets prove themselves who they are from.</param>
public sealed record TunnelBeside(int Port, bool AsksSenders);
