using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Doctor;

/// <summary>Looks at everything that the checks judge, and changes nothing. What cannot be looked at is named, and stops nothing else.</summary>
internal sealed class DoctorGatherer(DoctorOptions options)
{
    private static readonly TimeSpan NodePatience = TimeSpan.FromSeconds(5);

    private readonly List<string> unseen = [];

    public async Task<DoctorFacts> Gather()
    {
        var run = options.Run;
        var facts = new DoctorFacts
        {
            StateDirectory = run.StateDirectory,
            Name = run.Network,
            Beside = Try("other networks", () => NetworksBesideFacts.Read(run), NetworksBeside.None),
            BridgeGiven = run.Bridge is not null,
            Port = run.Port,
            Processes = ConfigurationFacts.Processes(),
            Files = ConfigurationFacts.Configuration(),
            Sysctls = Try("sysctls", SysctlFacts.Read, new Dictionary<string, string>()),
            Firewall = OthersFirewall(),
            UdpPorts = Try("UDP ports", UdpPorts.Read, new HashSet<int>()),
            Kernel = Environment.OSVersion.Version,
            Vendor = ConfigurationFacts.Vendor(),
            HasNetAdmin = Try("capabilities", Capabilities.HasNetAdmin, true),
            HasTun = ConfigurationFacts.HasTun(),
        };
        if (facts.Firewall.Problem is { } problem)
            unseen.Add($"nftables: {problem}");
        facts = Remembered(StateFacts.Add(facts), run);
        facts = await Node(facts, run);
        facts = Kernel(facts, run);
        return facts with { Seeds = await SeedFacts.Read(options.Seeds, [.. facts.Addresses.Select(held => held.Address)]), Unseen = unseen };
    }

    /// <summary>Our own rules are the node's business (check "node"), and never in the way.</summary>
    private static FirewallListing OthersFirewall()
    {
        var all = FirewallReader.Read();
        return all with { Rules = all.Rules.Without(Actors.Firewall.FirewallNames.Default.Table) };
    }

    /// <summary>What this host knows without a node: its id, its lease, the ledger as it was, subnet.env.</summary>
    private DoctorFacts Remembered(DoctorFacts facts, RunOptions run)
    {
        var files = new HostFiles(run.StateDirectory, run.SubnetFile);
        var saved = Try("the remembered ledger", () => files.LoadFeed(BootId.Read().ToString()), null);
        var lease = Try("the remembered lease", files.LoadLease, null);
        var (network, problem) = NetConf(run);
        var environment = Try("subnet.env", () => SubnetEnvFile.Read(run.SubnetFile), new Dictionary<string, string>());
        return facts with
        {
            Node = Try("node id", () => NodeIdentity.Find(NodeIdentity.FileIn(run.StateDirectory)), null),
            Network = saved?.View.Network?.Config ?? network,
            NetConfProblem = problem,
            Leases = saved is null ? [] : [.. saved.View.Leases.Values],
            Own = lease is null ? SubnetEnvFile.Subnets(environment) : [.. lease.Subnets.All],
            SubnetEnv = environment,
        };
    }

    private static (NetworkConfig?, string?) NetConf(RunOptions run)
    {
        if (!File.Exists(run.NetConf) && !run.NetConfGiven)
            return (null, null);
        try
        {
            return (NetConfFile.Load(run.NetConf, out _), null);
        }
        catch (StartException e)
        {
            return (null, e.Message);
        }
    }

    private async Task<DoctorFacts> Node(DoctorFacts facts, RunOptions run)
    {
        try
        {
            if (ApiSocket.Look(ApiSocket.PathIn(run.RunDirectory)) != SocketState.Answered)
                return facts;
            using var client = new ApiClient(ApiSocket.PathIn(run.RunDirectory), NodePatience);
            var status = await client.StatusAsync();
            return facts with
            {
                NodeRuns = true,
                Underlay = status.Interface,
                FailingPaths = [.. status.Probes?.Failing.Select(path => (path.Name, path.Text, IPAddress.Parse(path.Address!), path.State == ProbeModels.Word(Actors.Probes.ProbeState.Loss))) ?? []],
                NotReady = [.. status.Components.Where(component => !component.Ready).Select(component => $"{component.Name}: {component.Detail}")],
            };
        }
        catch (Exception e) when (e is ApiException or StartException)
        {
            unseen.Add($"the node: {e.Message}");
            return facts with { NodeRuns = e is ApiException };
        }
    }

    private DoctorFacts Kernel(DoctorFacts facts, RunOptions run)
    {
        try
        {
            using IRtnetlink kernel = RtnetlinkSocket.Open();
            var neighbours = kernel.DumpNeighbours(0).ToLookup(entry => entry.Address.AddressFamily);
            facts = facts with
            {
                Links = kernel.DumpLinks(),
                Addresses = kernel.DumpAddresses(),
                Routes = Resolved(kernel.DumpRoutes(), Nexthops(kernel)),
                Rules = kernel.DumpRules(),
                NeighboursIPv4 = NeighbourCount.Of(neighbours[AddressFamily.InterNetwork], ConfigurationFacts.Text("/proc/net/stat/arp_cache")),
                NeighboursIPv6 = NeighbourCount.Of(neighbours[AddressFamily.InterNetworkV6], ConfigurationFacts.Text("/proc/net/stat/ndisc_cache")),
            };
            return facts with
            {
                Underlay = facts.Underlay ?? UnderlayOf(facts, kernel, run),
                Claimed = ClaimedBy(run),
                ChecksumOffload = OffloadFacts.Read(facts.Tunnels),
            };
        }
        catch (NetlinkException e)
        {
            unseen.Add($"the kernel: {e.Message}");
            return facts;
        }
    }

    /// <summary>A route by a nexthop object leads where that one does.</summary>
    private static IReadOnlyList<Route> Resolved(IReadOnlyList<Route> routes, Dictionary<uint, Nexthop> nexthops) =>
        [.. routes.Select(route => route.NexthopId is { } id && nexthops.TryGetValue(id, out var nexthop) ? route with { Interface = nexthop.Interface, Gateway = nexthop.Gateway } : route)];

    /// <summary>None before Linux 5.3.</summary>
    private static Dictionary<uint, Nexthop> Nexthops(IRtnetlink kernel)
    {
        try
        {
            return kernel.DumpNexthops().ToDictionary(nexthop => nexthop.Id);
        }
        catch (NetlinkException)
        {
            return [];
        }
    }

    private static string? UnderlayOf(DoctorFacts facts, IRtnetlink kernel, RunOptions run)
    {
        var underTunnel = facts.Tunnels.Select(link => link.Vxlan?.Lower ?? 0).FirstOrDefault(index => index != 0);
        if (underTunnel != 0 && facts.Link(underTunnel) is { } lower)
            return lower.Name;
        if (run.Interfaces is [var wanted, ..])
            return AddressMath.TryParseStrict(wanted, out var address) ? facts.Addresses.Where(held => held.Address.Equals(address)).Select(held => facts.NameOf(held.Interface)).FirstOrDefault() : wanted;
        var way = run.Seeds.Select(seed => AddressMath.TryParseStrict(seed.Host, out var address) && !IPAddress.IsLoopback(address) ? kernel.LookupRoute(address) : null)
            .FirstOrDefault(route => route is { Interface: > 0 } && facts.Link(route.Interface) is { Loopback: false });
        way ??= facts.Routes.Where(route => route is { Destination.Length: 0, Table: Route.MainTable, Interface: > 0 }).OrderBy(route => route.Metric).FirstOrDefault();
        return way is null ? null : facts.NameOf(way.Interface);
    }

    private static IReadOnlyList<(string, IPAddress)> ClaimedBy(RunOptions run)
    {
        var claimed = new List<(string, IPAddress)>();
        foreach (string wanted in run.Interfaces)
        {
            if (AddressMath.TryParseStrict(wanted, out var address))
                claimed.Add(($"--iface {wanted}", address));
        }
        if (run.PublicIPv4 is { } v4)
            claimed.Add(("--public-ip", v4));
        if (run.PublicIPv6 is { } v6)
            claimed.Add(("--public-ipv6", v6));
        return claimed;
    }

    private T Try<T>(string what, Func<T> look, T otherwise)
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or StartException)
        {
            unseen.Add($"{what}: {e.Message}");
            return otherwise;
        }
    }
}
