using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Benchmarks;

/// <summary>A network of one host, which is ours, and as many peers as asked for: peer n has 10.0.0.0/24 + n behind 172.16.0.1 + n.</summary>
internal static class Peers
{
    public const string UnderlayDevice = "eth0";

    /// <summary>The /24 of 10.0.0.0/8, but for our own.</summary>
    public const int MostPeers = 65_535;

    public static readonly IpPrefix UnderlayAddress = IpPrefix.Parse("172.16.0.1/12");

    public static readonly NetworkConfig Network = NetConf.Parse("""{ "Network": "10.0.0.0/8", "SubnetLen": 24 }""");

    public static readonly Lease Mine = LeaseOf(0);

    public static readonly Underlay Underlay = new(UnderlayDevice, 1500, Mine.Public, Mine.Public);

    public static readonly HostFacts Host = new(Mine.Owner, Underlay, Network);

    public static string Device => VxlanBackEnd.DeviceIPv4(1);

    /// <summary>Ours, and those of so many peers.</summary>
    public static ImmutableDictionary<NodeId, Lease> Leases(int peers) =>
        Enumerable.Range(0, peers + 1).Select(LeaseOf).ToImmutableDictionary(lease => lease.Owner);

    private static Lease LeaseOf(int n)
    {
        var node = new NodeId(new Guid(n + 1, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]));
        IPAddress address = UnderlayAddress.AddressAt((uint)n + 1);
        return new Lease
        {
            Owner = node,
            NodeName = $"host{n}",
            Subnets = new LeaseSubnets(IpPrefix.Parse("10.0.0.0/24").Next((uint)n), null),
            Generation = n + 1,
            Public = new HostAddresses(address, null),
            Offers = [new VxlanOffer(1, VxlanBackEnd.MacFor(node, 1))],
        };
    }
}
