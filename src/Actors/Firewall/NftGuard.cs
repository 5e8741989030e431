using System.Globalization;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>The chains of the guard against forged packets, and the sets that they ask.</summary>
internal static class NftGuard
{
    /// <summary>Packets for this host.</summary>
    private const string Input = "guard-input";

    /// <summary>Packets that this host sends on: out of a container, and masqueraded, tunnel packets would seem to be its own.</summary>
    private const string Forward = "guard-forward";

    /// <summary>What both ask of the first fragment of a tunnel packet.</summary>
    private const string Fragment = "fragment";

    /// <summary>What both ask of a packet between overlay addresses that is in no tunnel any more, or never was.</summary>
    private const string Plain = "plain";

    /// <summary>What both ask of a tunnel packet.</summary>
    private const string Tunnel = "tunnel";

    /// <summary>What both ask of a packet of the udp back end, where that stands beside vxlan.</summary>
    private const string TunnelBeside = "tunnel-udp";

    // Bits behind the start of the UDP header, for nft's @th,offset,length: UDP 8 octets, VXLAN 8, Ethernet 14 (RFC 7348, section 5).
    private const int VniOffset = 96;
    private const int EtherTypeOffset = 224;
    private const int InnerSourceIPv4 = 336;
    private const int InnerSourceIPv6 = 304;
    private const int LastOfInnerSources = InnerSourceIPv6 + 120;

    /// <summary>Behind the start of the inner IPv4 header, which is all that IPv4 in IPv4 has (RFC 2003).</summary>
    private const int InnerSourceOfIpip = 96;

    // First fragments (RFC 791, 3.1; RFC 8200, 4.5): of IPv4 the bit "more fragments" and 13 bits of offset.
    private const string FirstOfIPv4 = "ip frag-off & 0x3fff == 0x2000";
    private const string FirstOfIPv6 = "frag frag-off 0 frag more-fragments 1";

    public static void AddTo(NftBody body, WantedGuard guard, NftFeatures features)
    {
        bool binds = guard.Bound is not null && features.HasFlag(NftFeatures.Binding);
        string? port = guard.Port is null ? null : $"udp dport {guard.Port}";
        string? ours = guard.Vni is { } vni ? $"{port} @th,{VniOffset},24 {NftScript.Hex(vni)}" : guard.IpipLocal is null ? port : "ip protocol 4";
        bool looksInside = guard.Vni is not null;
        bool looksOutside = guard.TunnelOnly && features.HasFlag(NftFeatures.Path);
        if (ours is not null)
        {
            AddSets(body, guard, binds);
            AddTunnel(body, guard, features, binds);
        }
        if (guard.Beside is not null)
        {
            body.Chain(TunnelBeside, null);
            AddSenders(body, guard, features, guard.Beside.AsksSenders);
        }
        if (looksInside)
            AddFragment(body);
        if (looksOutside)
            AddPlain(body);
        body.Chain(Input, new NftHook("filter", "input", -150));
        // IPv4 is whole again before it comes here.
        if (looksInside)
            body.Rule($"{port} {FirstOfIPv6} jump {Fragment}", "jump", "first fragments to this host by IPv6");
        if (guard.IpipLocal is { } local)
            body.Rule($"ip daddr {local} {ours} jump {Tunnel}", "jump", "tunnel packets to this host");
        else if (ours is not null)
            body.Rule($"{(guard.TakesEveryVni ? port : ours)} jump {Tunnel}", "jump", "tunnel packets to this host");
        if (guard.Beside is { } beside)
            body.Rule($"udp dport {beside.Port} jump {TunnelBeside}", "jump", "udp tunnel packets to this host");
        if (looksOutside)
            AddPlainTo(body, guard, "to this host");
        body.Chain(Forward, new NftHook("filter", "forward", -150));
        if (looksInside)
        {
            body.Rule($"ip daddr @{NftElements.Hosts(true)} {FirstOfIPv4} {port} jump {Fragment}", "jump", "first fragments to other hosts by IPv4");
            body.Rule($"ip6 daddr @{NftElements.Hosts(false)} {port} {FirstOfIPv6} jump {Fragment}", "jump", "first fragments to other hosts by IPv6");
        }
        if (ours is not null)
            body.Rule($"ip daddr @{NftElements.Hosts(true)} {ours} jump {Tunnel}", "jump", "tunnel packets to other hosts by IPv4");
        if (port is not null)
            body.Rule($"ip6 daddr @{NftElements.Hosts(false)} {ours} jump {Tunnel}", "jump", "tunnel packets to other hosts by IPv6");
        if (guard.Beside is { } passed)
        {
            body.Rule($"ip daddr @{NftElements.Hosts(true)} udp dport {passed.Port} jump {TunnelBeside}", "jump", "udp tunnel packets to other hosts by IPv4");
            body.Rule($"ip6 daddr @{NftElements.Hosts(false)} udp dport {passed.Port} jump {TunnelBeside}", "jump", "udp tunnel packets to other hosts by IPv6");
        }
        if (looksOutside)
            AddPlainTo(body, guard, "sent on");
    }

    private static void AddSets(NftBody body, WantedGuard guard, bool binds)
    {
        body.Set(NftElements.Hosts(true), "type ipv4_addr");
        body.Set(NftElements.Hosts(false), "type ipv6_addr");
        if (binds)
        {
            body.Set(NftElements.Bound(true), $"typeof ip saddr . @th,{(guard.IpipLocal is null ? InnerSourceIPv4 : InnerSourceOfIpip)},32; flags interval");
            body.Set(NftElements.Bound(false), $"typeof ip6 saddr . @th,{InnerSourceIPv6},128; flags interval");
        }
    }

    private static void AddTunnel(NftBody body, WantedGuard guard, NftFeatures features, bool binds)
    {
        body.Chain(Tunnel, null);
        AddSenders(body, guard, features, guard.Senders is not null);
        if (guard is { TakesEveryVni: true, Vni: { } vni })
            Drop(body, $"@th,{VniOffset},24 != {NftScript.Hex(vni)}", string.Create(CultureInfo.InvariantCulture, $"tunnel packet of another VNI than {vni}"));
        if (guard.Vni is not null)
        {
            // What binds a sender must know where it stands: no VLAN tag before it, which the kernel would take off, and no other family's carrier. ARP asks and binds nothing.
            Drop(body, $"meta nfproto ipv4 @th,{EtherTypeOffset},16 != 0x0800 @th,{EtherTypeOffset},16 != 0x0806", "other than IPv4 and ARP inside IPv4");
            Drop(body, $"meta nfproto ipv6 @th,{EtherTypeOffset},16 != 0x86dd", "other than IPv6 inside IPv6");
        }
        if (binds)
        {
            foreach (var network in guard.Networks)
                Drop(body, guard.IpipLocal is null ? Unbound(network) : UnboundInIpip(network), $"inner {network} from another's host");
        }
    }

    /// <summary>What is asked of a tunnel packet's outer sender.</summary>
    /// <param name="leased">Whether it must hold a lease.</param>
    private static void AddSenders(NftBody body, WantedGuard guard, NftFeatures features, bool leased)
    {
        foreach (var network in guard.Networks)
            Drop(body, $"{NftScript.Ip(network)} saddr {network}", "tunnel packet from an overlay address");
        if (features.HasFlag(NftFeatures.Path))
            Drop(body, "fib saddr . iif oif missing", "tunnel packet from where its sender is not");
        if (!leased)
            return;
        Drop(body, $"ip saddr != @{NftElements.Hosts(true)}", "IPv4 sender without a lease");
        Drop(body, $"ip6 saddr != @{NftElements.Hosts(false)}", "IPv6 sender without a lease");
    }

    /// <summary>
    /// Who is in the overlay sends to others in it by the tunnel, or from the local bridge that leads back to him. Tunnels are ours or another network's, which may
    /// have the same addresses; a new peer's packets may come by ours before there is a route back.
    /// </summary>
    private static void AddPlain(NftBody body)
    {
        body.Chain(Plain, null);
        body.Rule("iifname \"lo\" return", "return", "the host to itself");
        body.Rule("iifname \"flannel*\" return", "return", "out of a tunnel");
        Drop(body, "fib saddr . iif oif missing", "overlay packet from where its sender is not");
    }

    /// <summary>Not what goes to a host's other addresses: it leaves a container's host outside of the tunnel, and has the container's address where nobody masquerades.</summary>
    private static void AddPlainTo(NftBody body, WantedGuard guard, string where)
    {
        foreach (var network in guard.Networks)
            body.Rule($"{NftScript.Ip(network)} saddr {network} {NftScript.Ip(network)} daddr {network} jump {Plain}", "jump", $"{network} {where}");
    }

    /// <summary>
    /// A field that is not in the fragment matches nothing, and what comes behind the first one has no port at all. So the first fragment must show whatever is
    /// asked for: vxlan's own do, for no path's MTU is that small. The kernel takes no later fragment that writes over it.
    /// </summary>
    private static void AddFragment(NftBody body)
    {
        body.Chain(Fragment, null);
        body.Rule($"@th,{LastOfInnerSources},8 >= 0x0 return", "return", "first fragment with all that is asked for");
        body.Rule("counter drop", "drop", "first fragment that hides what is inside");
    }

    /// <summary>Inner senders outside of the overlay are let through: a host may pass on what comes from elsewhere. IPv4 is carried in IPv4, IPv6 in IPv6.</summary>
    private static string Unbound(IpPrefix network)
    {
        var (etherType, offset, bits) = network.IsIPv4 ? ("0x0800", InnerSourceIPv4, 32) : ("0x86dd", InnerSourceIPv6, 128);
        string source = $"@th,{offset},{bits}";
        return $"@th,{EtherTypeOffset},16 {etherType} {source} {NftScript.Range(network)} {NftScript.Ip(network)} saddr . {source} != @{NftElements.Bound(network.IsIPv4)}";
    }

    private static string UnboundInIpip(IpPrefix network)
    {
        string source = $"@th,{InnerSourceOfIpip},32";
        return $"{source} {NftScript.Range(network)} ip saddr . {source} != @{NftElements.Bound(true)}";
    }

    private static void Drop(NftBody body, string condition, string comment) => body.Rule($"{condition} counter drop", "drop", comment);
}
