using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>The back ends that there are, and which of them serves a pair of hosts.</summary>
public static class BackEndRegistry
{
    private static readonly IBackEnd[] All = [new VxlanBackEnd(), new HostGwBackEnd(), new UdpBackEnd(), new IpipBackEnd(), new WireGuardBackEnd(), new AllocBackEnd(), new ExtensionBackEnd(),
        new CloudBackEnd(AwsVpcConfig.TypeName), new CloudBackEnd(GceConfig.TypeName)];

    /// <summary>What <c>auto</c> chooses from, best first, each with its defaults.</summary>
    private static readonly BackEndConfig[] OfAuto = [new HostGwConfig(), new VxlanConfig(), new UdpConfig()];

    public static IEnumerable<string> Names => All.Select(backEnd => backEnd.Name).Append(AutoConfig.TypeName);

    public static bool Knows(string name) => Names.Contains(name);

    /// <summary>True where the packets go by routes in a cloud, and only there.</summary>
    public static bool IsCloud(string name) => All.Any(backEnd => backEnd.Name == name && backEnd is CloudBackEnd);

    /// <summary>The back ends that are in use on a host: the first that reaches a peer is taken for it.</summary>
    public static IReadOnlyList<Way> Ways(HostFacts host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var ways = Of(host);
        if (host.Leaving is { } leaving)
        {
            var former = Of(host with { Network = host.Network with { BackEnd = leaving }, Leaving = null });
            ways = host.HoldsLeaving ? [.. former, .. ways] : [.. ways, .. former];
        }
        return ways.Any(way => way.BackEnd is UdpBackEnd) ? [.. ways.Select(way => way with { Host = way.Host with { IsBesideRouteToAll = way.BackEnd is not UdpBackEnd } })] : ways;
    }

    /// <summary>What hosts with this configuration use: of <c>auto</c> all that there is to choose from.</summary>
    public static IReadOnlyList<BackEndConfig> Options(NetworkConfig network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.BackEnd is AutoConfig ? OfAuto : [network.BackEnd];
    }

    /// <summary>Back ends that can take each other's place while packets pass: both can be there at once on every host.</summary>
    public static bool CanChange(BackEndConfig now, BackEndConfig next) => CarriesBesideOthers(now) && CarriesBesideOthers(next);

    /// <summary>Devices that a host with this configuration makes: nobody else's may have these names.</summary>
    public static IEnumerable<string> DeviceNames(NetworkName name, NetworkConfig network) => network.BackEnd switch
    {
        AutoConfig => Options(network).SelectMany(option => DeviceNames(name, network with { BackEnd = option })),
        VxlanConfig vxlan => [VxlanBackEnd.DeviceIPv4((uint)vxlan.Vni), VxlanBackEnd.DeviceIPv6((uint)vxlan.Vni)],
        UdpConfig udp => [UdpBackEnd.DeviceOf(name, udp)],
        WireGuardConfig wireGuard => WireGuardBackEnd.DevicesOf(name, wireGuard),
        IpipConfig => [IpipBackEnd.Device],
        _ => [],
    };

    /// <summary>
    /// True where every packet of a peer comes in by a device that is this network's alone: only then can networks with the same addresses be kept apart.
    /// </summary>
    public static bool CanBeApart(NetworkConfig network) => network.BackEnd is VxlanConfig { DirectRouting: false } or UdpConfig;

    /// <summary>True for a device that a node with this id made, now or in an earlier run: what no plan wants of these is stale.</summary>
    public static bool Owns(NodeId node, Link link) => VxlanBackEnd.Owns(node, link) || UdpBackEnd.Owns(node, link) || IpipBackEnd.Owns(node, link)
        || WireGuardBackEnd.Owns(node, link);

    /// <summary>True for a device that says of itself that some node made it, of this network or another; others may be some node's too.</summary>
    public static bool IsMarked(Link link) => UdpBackEnd.IsMarked(link) || (link.Kind is "ipip" or "wireguard" && DeviceAlias.IsOn(link));

    /// <summary>
    /// True for a device that is as a process of ours leaves it that is killed between making and marking: the kernel takes no alias with a new device, so that ours
    /// gets it when it is put up. Of a name that we want it is taken for ours.
    /// </summary>
    public static bool IsUnmarked(Link link) => link is { Kind: "ipip" or "wireguard", Up: false, Alias: null };

    /// <summary>Ipip and wireguard are not among them: nobody has seen it yet.</summary>
    private static bool CarriesBesideOthers(BackEndConfig config) => config is VxlanConfig or HostGwConfig or UdpConfig;

    private static List<Way> Of(HostFacts host) => host.Network.BackEnd is AutoConfig
        ? [.. Options(host.Network).SelectMany(option => Of(host with { Network = host.Network with { BackEnd = option } })).Select(way => way with { IsChosen = true })]
        : [.. All.Where(backEnd => backEnd.Name == host.Network.BackEnd.Type).Select(backEnd => new Way(backEnd, host))];
}

/// <summary>A back end, and the host as it sees it: with its own options.</summary>
public readonly record struct Way(IBackEnd BackEnd, HostFacts Host)
{
    /// <summary>One of several, for each peer what goes: then plain routes are for peers on the host's own link only.</summary>
    public bool IsChosen { get; init; }

    public bool Reaches(Lease peer) => BackEnd.Reaches(Host, peer) && !(IsChosen && BackEnd is HostGwBackEnd && !IsOnLink(peer));

    private bool IsOnLink(Lease peer)
    {
        var links = Host.Underlay.OnLink;
        bool Is(IPAddress? address) => address is not null && links.Any(link => link.Contains(address));
        return (peer.Subnets.IPv4 is null || Is(peer.Public.IPv4)) && (peer.Subnets.IPv6 is null || Is(peer.Public.IPv6));
    }
}
