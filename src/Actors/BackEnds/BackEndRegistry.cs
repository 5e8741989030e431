using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>The back ends that there are, and which of them serves a pair of hosts.</summary>
public static class BackEndRegistry
{
    private static readonly IBackEnd[] All = [new VxlanBackEnd(), new HostGwBackEnd(), new UdpBackEnd(), new IpipBackEnd(), new WireGuardBackEnd(), new AllocBackEnd()];

    public static IEnumerable<string> Names => All.Select(backEnd => backEnd.Name);

    public static bool Knows(string name) => All.Any(backEnd => backEnd.Name == name);

    /// <summary>The back ends that a configuration puts to use: the first that reaches a peer is taken for it.</summary>
    public static IEnumerable<IBackEnd> InUse(NetworkConfig network) => All.Where(backEnd => backEnd.Name == network.BackEnd.Type);

    /// <summary>Devices that a host with this configuration makes: nobody else's may have these names.</summary>
    public static IEnumerable<string> DeviceNames(NetworkName name, NetworkConfig network) => network.BackEnd switch
    {
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

    public static IBackEnd? Choose(HostFacts host, Lease peer) => InUse(host.Network).FirstOrDefault(backEnd => backEnd.Reaches(host, peer));

    /// <summary>True for a device that a node with this id made, now or in an earlier run: what no plan wants of these is stale.</summary>
    public static bool Owns(NodeId node, Link link) => VxlanBackEnd.Owns(node, link) || UdpBackEnd.Owns(node, link) || IpipBackEnd.Owns(node, link)
        || WireGuardBackEnd.Owns(node, link);
}
