using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>Leases, configuration and this host in; wanted packet filter rules out. Pure.</summary>
public static class FirewallPlanner
{
    private static readonly IpPrefix MulticastIPv4 = IpPrefix.Parse("224.0.0.0/4");
    private static readonly IpPrefix MulticastIPv6 = IpPrefix.Parse("ff00::/8");

    /// <param name="mine">This host's own lease.</param>
    /// <param name="leases">All leases; the own one is passed over.</param>
    public static WantedFirewall Plan(FirewallOptions options, HostFacts host, Lease mine, IEnumerable<Lease> leases)
    {
        var rules = new List<PacketRule>();
        var families = Families(host.Network, mine).ToList();
        if (options.Masquerade)
        {
            rules.Add(new PacketRule(RuleChain.PostRouting, null, null, null, RuleVerdict.Return, Marked: true));
            foreach (var (subnet, network) in families)
                rules.AddRange(Masquerade(options, subnet, network, host.Network.MasqExclude));
        }
        if (options.ForwardRules)
        {
            foreach (var (_, network) in families)
            {
                rules.Add(new PacketRule(RuleChain.ForwardInside, network.IsIPv4, new AddressMatch(network), new AddressMatch(network), RuleVerdict.Accept));
                rules.Add(new PacketRule(RuleChain.Forward, network.IsIPv4, new AddressMatch(network), null, RuleVerdict.Accept));
                rules.Add(new PacketRule(RuleChain.Forward, network.IsIPv4, null, new AddressMatch(network), RuleVerdict.Accept));
            }
        }
        var engine = host.Network.EnableNFTables ? FirewallEngine.Nftables : FirewallEngine.Iptables;
        return new WantedFirewall(options.Names, engine, rules.ToEquatableArray(), GuardOfAll(options, host, leases));
    }

    /// <summary>
    /// By the tunnels that stand: while one back end takes another's place both do, and with several to choose from each. Where vxlan and udp stand, vxlan's is the
    /// one that is looked into, and udp's stands beside it.
    /// </summary>
    private static WantedGuard? GuardOfAll(FirewallOptions options, HostFacts host, IEnumerable<Lease> leases)
    {
        BackEndConfig[] standing = host.Network.BackEnd is AutoConfig ? [new VxlanConfig { DirectRouting = true }, new UdpConfig()]
            : host.Leaving is { } leaving ? [host.Network.BackEnd, leaving] : [host.Network.BackEnd];
        var first = standing.FirstOrDefault(backEnd => backEnd is VxlanConfig) ?? standing.FirstOrDefault(backEnd => backEnd is not HostGwConfig) ?? host.Network.BackEnd;
        return Guard(options, host with { Network = host.Network with { BackEnd = first } }, leases) is not { } guard ? null
            : first is VxlanConfig && standing.OfType<UdpConfig>().FirstOrDefault() is { } udp ? guard with { Beside = new TunnelBeside(udp.Port, !udp.IsEncrypted) }
            : guard;
    }

    /// <summary>
    /// Flannel's rules in flannel's order, and two of ours: nothing between overlay addresses is masqueraded, whoever passes it on; and not what is for MasqExclude.
    /// </summary>
    private static IEnumerable<PacketRule> Masquerade(FirewallOptions options, IpPrefix subnet, IpPrefix network, EquatableArray<IpPrefix> exclude)
    {
        var masquerade = options.FullyRandom ? RuleVerdict.MasqueradeFullyRandom : RuleVerdict.Masquerade;
        PacketRule Rule(AddressMatch? source, AddressMatch? destination, RuleVerdict verdict) =>
            new(RuleChain.PostRouting, network.IsIPv4, source, destination, verdict);

        yield return Rule(new(subnet), new(network), RuleVerdict.Return);
        yield return Rule(new(network), new(subnet), RuleVerdict.Return);
        // A local container sees who it is that calls from outside.
        yield return Rule(new(network, Not: true), new(subnet), RuleVerdict.Return);
        yield return Rule(new(network), new(network), RuleVerdict.Return);
        foreach (var excluded in exclude)
        {
            if (excluded.Family == network.Family)
                yield return Rule(null, new(excluded), RuleVerdict.Return);
        }
        yield return Rule(new(network), new(network.IsIPv4 ? MulticastIPv4 : MulticastIPv6, Not: true), masquerade);
        // The host, or somebody behind it, to a container elsewhere: its own host would not know the way back.
        yield return Rule(new(network, Not: true), new(network), masquerade);
    }

    private static WantedGuard? Guard(FirewallOptions options, HostFacts host, IEnumerable<Lease> leases)
    {
        if (options.Guard == SpoofGuard.Off || host.Network.BackEnd is not (VxlanConfig or UdpConfig or IpipConfig or WireGuardConfig))
            return null;
        bool required = options.Guard == SpoofGuard.On || host.Network.EnableNFTables;
        var networks = new[] { host.Network.IPv4?.Network, host.Network.IPv6?.Network }.OfType<IpPrefix>().ToEquatableArray();
        var hosts = ImmutableSortedSet.CreateBuilder<IpPrefix>();
        var bound = ImmutableSortedSet.CreateBuilder<BoundSubnet>();
        foreach (var peer in leases.Where(lease => lease.Owner != host.Node))
        {
            foreach (var outer in OuterAddresses(peer))
            {
                hosts.Add(IpPrefix.Host(outer));
                foreach (var inner in peer.Subnets.All)
                    bound.Add(new BoundSubnet(outer, inner.Network));
            }
        }
        foreach (var allowed in options.Allowed)
        {
            hosts.Add(IpPrefix.Host(allowed));
            // The kernel takes no ranges that overlap: the wider one says it all.
            bound.ExceptWith(bound.Where(pair => pair.Outer.Equals(allowed)).ToList());
            foreach (var network in networks)
                bound.Add(new BoundSubnet(allowed, network));
        }
        var known = hosts.ToImmutable();
        return host.Network.BackEnd switch
        {
            VxlanConfig vxlan => new WantedGuard(vxlan.Port, (uint)vxlan.Vni, required, networks, known, bound.ToImmutable())
            {
                Hosts = known,
                TakesEveryVni = VxlanBackEnd.IsCompact(host),
                TunnelOnly = !vxlan.DirectRouting && host.Leaving is null,
            },
            // The forwarders bind inner senders to their host themselves; and an encrypted packet says by its key whose it is, wherever it comes from.
            UdpConfig udp => new WantedGuard(udp.Port, null, required, networks, udp.IsEncrypted ? null : known, null) { Hosts = known, TunnelOnly = host.Leaving is null },
            IpipConfig ipip => new WantedGuard(null, null, required, networks, known, bound.ToImmutable())
            {
                Hosts = known,
                IpipLocal = host.Underlay.Local.IPv4,
                TunnelOnly = !ipip.DirectRouting,
            },
            // The kernel's own binds inner senders to keys, and strangers have none.
            WireGuardConfig => new WantedGuard(null, null, required, networks, null, null) { Hosts = [], TunnelOnly = true },
            _ => null,
        };
    }

    /// <summary>From which a host's tunnel packets may come: behind a router its public and its local ones.</summary>
    private static IEnumerable<IPAddress> OuterAddresses(Lease peer)
    {
        var sources = new[] { peer.Public, peer.OfferOf<VxlanOffer>()?.Local ?? default, peer.OfferOf<UdpOffer>()?.Local ?? default, peer.OfferOf<IpipOffer>()?.Local ?? default };
        return sources.SelectMany(addresses => new[] { addresses.IPv4, addresses.IPv6 }).OfType<IPAddress>();
    }

    private static IEnumerable<(IpPrefix Subnet, IpPrefix Network)> Families(NetworkConfig network, Lease mine)
    {
        if (mine.Subnets.IPv4 is { } v4 && network.IPv4 is { } pool4)
            yield return (v4.Network, pool4.Network);
        if (mine.Subnets.IPv6 is { } v6 && network.IPv6 is { } pool6)
            yield return (v6.Network, pool6.Network);
    }
}
