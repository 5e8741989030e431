using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Explain;

/// <summary>Everything of one host that decides about a packet. Gathered first (<see cref="PathGatherer"/>), judged then (<see cref="SendingPath"/>, <see cref="ArrivingPath"/>).</summary>
public sealed record PathFacts
{
    public required NodeProtocol.ExplainPath Question { get; init; }

    public required HostStatus Status { get; init; }

    /// <summary>Wanted and actual objects of ours.</summary>
    public ImmutableArray<ObjectStatus> Objects { get; init; } = [];

    /// <summary>Null where the network has no packet forwarders.</summary>
    public ForwarderStatus? Forwarders { get; init; }

    public ImmutableArray<Link> Links { get; init; } = [];

    public ImmutableArray<InterfaceAddress> Addresses { get; init; } = [];

    public ImmutableArray<Rule> Rules { get; init; } = [];

    /// <summary>Routes that refuse packets (blackhole …) to the destination, of all tables.</summary>
    public ImmutableArray<Route> Refusing { get; init; } = [];

    /// <summary>The host's way back to the source.</summary>
    public RouteAnswer? Back { get; init; }

    /// <summary>The way to the destination, of the packet as it comes in.</summary>
    public RouteAnswer? Way { get; init; }

    /// <summary>The host's own way to the destination: what is left where the packet's is refused.</summary>
    public RouteAnswer? Plain { get; init; }

    /// <summary>The way of the tunnel's packets; null where there is no tunnel.</summary>
    public RouteAnswer? OuterWay { get; init; }

    /// <summary>Of the container here, and of the underlay's next hop.</summary>
    public ImmutableArray<Neighbour> Neighbours { get; init; } = [];

    /// <summary>By key, with slashes; what is not there is not in it.</summary>
    public ImmutableDictionary<string, string> Sysctls { get; init; } = ImmutableDictionary<string, string>.Empty;

    public FirewallListing Firewall { get; init; } = new(NftRuleset.Empty, null, null);

    public ImmutableHashSet<int> UdpPorts { get; init; } = [];

    public bool IsIPv4 => Question.To.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;

    public bool IsOurs(IPAddress address) => Addresses.Any(held => held.Address.Equals(address));

    public Link? Link(int index) => Links.FirstOrDefault(link => link.Index == index);

    public Link? Link(string name) => Links.FirstOrDefault(link => link.Name == name);

    public string NameOf(int index) => Link(index)?.Name ?? (index == 0 ? "no device" : $"device {index}");

    public string? Sysctl(string key) => Sysctls.GetValueOrDefault(key);

    public Neighbour? NeighbourAt(IPAddress address, int device) => Neighbours.FirstOrDefault(one => one.Interface == device && one.Address.Equals(address));
}
