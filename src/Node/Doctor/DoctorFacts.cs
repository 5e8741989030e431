using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Doctor;

/// <summary>A seed, and what became of it.</summary>
/// <param name="Problem">Why it cannot be reached; null where it can, or is this host.</param>
/// <param name="Resolved">The name has an address.</param>
internal sealed record SeedFact(SeedEntry Seed, bool Resolved, string? Problem);

/// <summary>Everything of this host that a check looks at, gathered by <see cref="DoctorGatherer"/>. What could not be had is empty.</summary>
internal sealed record DoctorFacts
{
    public string StateDirectory { get; init; } = "/var/lib/akka-overlay";

    /// <summary>Which of several networks on this host.</summary>
    public NetworkName Name { get; init; }

    /// <summary>With --bridge.</summary>
    public bool BridgeGiven { get; init; }

    /// <summary>The others.</summary>
    public NetworksBeside Beside { get; init; } = NetworksBeside.None;

    /// <summary>A node answers at the run directory's socket.</summary>
    public bool NodeRuns { get; init; }

    /// <summary>What it waits for: "component: detail".</summary>
    public IReadOnlyList<string> NotReady { get; init; } = [];

    /// <summary>Paths that its probes say fail: the peer's name, what is wrong, where it was asked, and whether it is only now and then.</summary>
    public IReadOnlyList<(string Peer, string Text, IPAddress Address, bool Sometimes)> FailingPaths { get; init; } = [];

    /// <summary>Null where this host has none yet.</summary>
    public NodeId? Node { get; init; }

    /// <summary>The ledger's as remembered, else net-conf.json's.</summary>
    public NetworkConfig? Network { get; init; }

    /// <summary>Why net-conf.json cannot be used; null where it can, or is not there.</summary>
    public string? NetConfProblem { get; init; }

    /// <summary>This host's own subnets; empty before its first lease.</summary>
    public IReadOnlyList<IpPrefix> Own { get; init; } = [];

    /// <summary>As remembered of this boot.</summary>
    public IReadOnlyList<Lease> Leases { get; init; } = [];

    public IReadOnlyDictionary<string, string> SubnetEnv { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<SeedFact> Seeds { get; init; } = [];

    /// <summary>TCP port of the cluster.</summary>
    public int Port { get; init; } = 4053;

    /// <summary>Addresses that options say are this host's, with the option.</summary>
    public IReadOnlyList<(string Option, IPAddress Address)> Claimed { get; init; } = [];

    /// <summary>Name of the device that carries the tunnels; null where it cannot be told.</summary>
    public string? Underlay { get; init; }

    public IReadOnlyList<Link> Links { get; init; } = [];

    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];

    public IReadOnlyList<Route> Routes { get; init; } = [];

    public IReadOnlyList<Rule> Rules { get; init; } = [];

    public NeighbourCount NeighboursIPv4 { get; init; }

    public NeighbourCount NeighboursIPv6 { get; init; }

    /// <summary>By key, with slashes.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    public FirewallListing Firewall { get; init; } = new(NftRuleset.Empty, null, null);

    public IReadOnlySet<int> UdpPorts { get; init; } = new HashSet<int>();

    /// <summary>Names of running programs (/proc/PID/comm).</summary>
    public IReadOnlySet<string> Processes { get; init; } = new HashSet<string>();

    /// <summary>Configuration of others, by path.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    public Version Kernel { get; init; } = new(6, 0);

    /// <summary>Of the machine (DMI); null where it does not say.</summary>
    public string? Vendor { get; init; }

    public bool HasTun { get; init; } = true;

    public bool HasNetAdmin { get; init; } = true;

    /// <summary>Octets; null where it cannot be told.</summary>
    public long? StateFree { get; init; }

    /// <summary>Why nothing can be written there; null where it can.</summary>
    public string? StateProblem { get; init; }

    /// <summary>Null where the directory is not there.</summary>
    public UnixFileMode? StateMode { get; init; }

    /// <summary>Devices that leave checksums to hardware (tx-checksum-ip-generic).</summary>
    public IReadOnlySet<string> ChecksumOffload { get; init; } = new HashSet<string>();

    /// <summary>What could not be looked at, and why.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];

    /// <summary>The overlay's whole networks.</summary>
    public IEnumerable<IpPrefix> Networks => Network is null ? [] : new[] { Network.IPv4?.Network, Network.IPv6?.Network }.OfType<IpPrefix>();

    /// <summary>What our devices are called; empty where the network is not known.</summary>
    public IEnumerable<string> TunnelNames => Network is null ? [] : BackEndRegistry.DeviceNames(Name, Network);

    /// <summary>Devices with the names of ours, whoever made them, but for another network's.</summary>
    public IEnumerable<Link> Tunnels => TunnelNames.Select(Link).OfType<Link>().Where(link => !OthersObjects.Has(this, link));

    /// <summary>Devices that hold the first address of our subnet: containers are behind them. Another network's, which may have the same subnet, are not among them.</summary>
    public IEnumerable<Link> Bridges => Addresses.Where(held => Own.Any(subnet => subnet.AddressAt(1).Equals(held.Address))).Select(held => Link(held.Interface)).OfType<Link>()
        .DistinctBy(link => link.Index).Where(link => !OthersObjects.Has(this, link));

    /// <summary>
    /// What its containers send is routed by its own table alone, by the device on which it comes in (--bridge): no route and no bridge of somebody else with the same addresses is in its way.
    /// </summary>
    public bool IsApart => BridgeGiven || Rules.Any(rule => rule.Protocol == RouteReconciler.OverlayProtocol && rule.IncomingInterface is not null && Name.HasTable(rule.Table));

    /// <summary>Name of the service (docs/networks.md).</summary>
    public string Service => Name.IsDefault ? "akka-overlay" : $"akka-overlay@{Name.Text}";

    /// <summary>The device that carries packets of that network: where there are two, each has its IP version.</summary>
    public Link? TunnelFor(IpPrefix network) =>
        Tunnels.FirstOrDefault(link => network.IsIPv4 != link.Name.StartsWith("flannel-v6", StringComparison.Ordinal)) ?? Tunnels.FirstOrDefault();

    /// <summary>Another host's subnet: the lowest that is leased, else the one beside ours.</summary>
    public IpPrefix SubnetBeside(IpPrefix network, IpPrefix own)
    {
        var leased = Leases.Where(lease => lease.Owner != Node).SelectMany(lease => lease.Subnets.All).Where(network.Contains).Order().ToList();
        return leased.Count > 0 ? leased[0] : own.Last.Equals(network.Last) ? new IpPrefix(network.Address, own.Length) : own.Next(1);
    }

    /// <summary>UDP port of the tunnels; null for a back end without one.</summary>
    public int? TunnelPort => Network is null ? null : Actors.Explain.TunnelPort.Of(Network);

    public Link? Link(string name) => Links.FirstOrDefault(link => link.Name == name);

    public Link? Link(int index) => Links.FirstOrDefault(link => link.Index == index);

    public string NameOf(int index) => Link(index)?.Name ?? (index == 0 ? "no device" : $"device {index}");

    public long? Number(string key) => Sysctls.TryGetValue(key, out string? text) && long.TryParse(text, out long number) ? number : null;

    /// <summary>
    /// This host's address inside the overlay of that IP version, from which its probes go: the subnet's first, which the tunnel device has, else the containers' gateway, else another one that some device
    /// holds; null where none does.
    /// </summary>
    public IPAddress? ProbeAddressFor(IPAddress peer) => Own.Where(subnet => subnet.Family == peer.AddressFamily)
        .Select(subnet => Addresses.Select(held => held.Address).Where(subnet.Contains).MinBy(address => address.ToBits())).FirstOrDefault(address => address is not null);

    /// <summary>A command about this network, and no other one of this host.</summary>
    /// <param name="command">With its arguments, without the program.</param>
    public string Cli(string command) => CliOf(Name, command);

    public static string CliOf(NetworkName name, string command) => $"akka-overlay {command}{(name.IsDefault ? "" : $" --network {name.Text}")}";

    public bool Runs(string program) => Processes.Contains(program);
}
