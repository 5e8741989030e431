using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Logging;

namespace AkkaOverlay.Node.Options;

/// <summary>What becomes of the lease when the process is told to stop.</summary>
public enum OnExit
{
    /// <summary>Given back when the machine is going down for good, kept otherwise.</summary>
    Auto,

    /// <summary>Lease and routes stay: a restart is not seen by anyone.</summary>
    Keep,

    /// <summary>Given back; every host drops its routes to this one.</summary>
    Release,
}

/// <summary>Where the ledger is written.</summary>
public enum JournalKind
{
    /// <summary>In a file of the only seed.</summary>
    Sqlite,

    /// <summary>A copy on each seed; most of them decide.</summary>
    Quorum,

    /// <summary>In a PostgreSQL database that every seed reaches.</summary>
    Postgres,
}

/// <summary>The options of <c>run</c>, checked.</summary>
public sealed record RunOptions
{
    public const string DefaultNodeFile = "/etc/akka-overlay/node.json";

    public const string DefaultNetConf = "/etc/akka-overlay/net-conf.json";

    public const string DefaultStateDirectory = "/var/lib/akka-overlay";

    public const string DefaultRunDirectory = "/run/akka-overlay";

    /// <summary>Of --drain without a value.</summary>
    public static readonly TimeSpan DefaultDrain = TimeSpan.FromMinutes(10);

    public static readonly OptionSpec[] Specs =
    [
        new("network", "NAME", "Which of several networks on this host; its files are in directories of that name: /etc/akka-overlay/NAME, /var/lib/akka-overlay/NAME, /run/akka-overlay/NAME. [default: the network without a name]"),
        new("seed", "HOST[:PORT]", "A host of the core; repeat it, and give every host the same list (1, 3 or 5).", Repeats: true),
        new("seed-self", "ENTRY", "Which of the seeds this host is, where its addresses cannot tell (NAT)."),
        new("bootstrap", "", "On one seed, for its first start: found the network with a majority of the seeds where not all of them are there; a core whose majority lost its state directories is formed again the same way."),
        new("port", "PORT", "TCP port of the cluster. [default: 4053]"),
        new("iface", "NAME|IP", "Underlay device, by name or address; repeat it, the first that can be used wins. [default: the device that has the public address, else the way to the seeds, else the default route's]", Repeats: true),
        new("iface-regex", "RE", "Underlay device, by a pattern that an address or else the name matches; repeat it. Tried after --iface.", Repeats: true, Separator: null),
        new("iface-can-reach", "IP", "Underlay device: the one that the route to this address takes. Tried after --iface-regex."),
        new("public-ip", "IP", "IPv4 address at which the others reach this host; the tunnels' source stays the device's own. [default: the underlay device's]"),
        new("public-ipv6", "IP", "The same for IPv6."),
        new("net-conf", "FILE", $"The network's configuration; needed on the core, a check elsewhere. [default: {DefaultNetConf}]"),
        new("state-dir", "DIR", $"What must survive a reboot. [default: {DefaultStateDirectory}]"),
        new("run-dir", "DIR", $"Socket and subnet.env. [default: {DefaultRunDirectory}]"),
        new("subnet-file", "FILE", "Where subnet.env is written. [default: <run-dir>/subnet.env]"),
        new("route-table", "ID", "Routing table for the overlay's routes, with a rule that leads to it. [default: 254, main]"),
        new("bridge", "NAME", "The bridge of this network's containers: what comes in there is routed by this network's table alone, so that another network on this host may have the same addresses. Back ends vxlan and udp."),
        new("vxlan-layout", "classic|compact", "How vxlan's peers are laid out in this host's kernel: with forwarding entries, or with nexthop objects. [default: classic]"),
        new("udp-queues", "N", "Back end udp: queues of the TUN device, each with threads of its own; 1 to 64. [default: 1 on up to 3 processors, else one for every two, at most 8]"),
        new("udp-threads", "1|2", "Back end udp: threads for each queue; two serve a direction each. [default: 2]"),
        new("udp-spin", "MICROSECONDS", "Back end udp: how long an idle thread asks again before it sleeps, at the price of a processor that is busy while packets come; up to 1000000. 0: never. [default: up to 100 with two threads, while that brings answers sooner]"),
        new("ip-masq", "", "Masquerade what containers send to the outside, by nftables or iptables as the network's EnableNFTables says; never between overlay addresses."),
        new("ip-masq-fully-random-disable", "", "Masqueraded connections keep their port where they can. [default: a random one]"),
        new("forward-rules", "true|false", "Accept the overlay's packets where a packet filter drops what is forwarded. [default: true]"),
        new("spoof-guard", "auto|on|off", "Drop tunnel packets that come from containers or from hosts without a lease, by nftables; not ready without it. auto: a host without nft starts without, unless EnableNFTables is true. [default: auto]"),
        new("spoof-guard-allow", "IP", "May send tunnel packets without a lease, such as a VTEP set up by hand; repeat it.", Repeats: true),
        new("probes", "on|off", "Send small and full-size packets through the overlay to some peers, and name those that they do not come back from. [default: on]"),
        new("node-name", "NAME", "This host's name for people. [default: the host name]"),
        new("on-exit", "auto|keep|release", "What becomes of the lease at SIGTERM. [default: auto]"),
        new("drain", "DURATION", "Before the lease is given back, wait until no container is left on this host, so long at most; without a value 10m. A host that drains is not ready. [default: no wait]") { Bare = "true" },
        new("lease-ttl", "DURATION", "A lease whose host was not seen for so long expires, such as 24h, 90m or 7d; at least 1m. Counts on the core. [default: 24h]"),
        new("quarantine", "DURATION", "For so long after that, nobody else gets its subnets; 0s for none. Counts on the core. [default: 1h]"),
        new("journal", "sqlite|quorum|postgres", "Where the ledger is written: a file of the one seed, a copy on each seed of which most decide, or a database that every seed reaches. [default: sqlite with one seed, quorum with more]"),
        new("journal-connection", "TEXT|@FILE", "The database, as Host=...;Username=...;Password=...;Database=..., or a file that holds this; needed on the core. A password on the command line is seen by every user of the machine."),
        new("adopt-ledger", "", "On the host that was the only seed, when it gets more of them: its ledger goes over to all, with every lease."),
        new("api-listen", "ADDR:PORT", "The management API over TCP too, for Prometheus and health checks: questions for everyone who reaches the port, changes with the token only. [default: the unix socket alone]"),
        new("api-token-file", "FILE", "A token, of 16 characters or more, that allows changes over TCP; nobody but its owner may read the file. [default: none: nothing can be changed over TCP]"),
        new("log-format", "text|json", "How the log is written: for people, or one JSON object on each line. [default: text]"),
        new("role", "NAME", "A role of this member for the cluster's own tools; repeat it.", Repeats: true),
    ];

    public NetworkName Network { get; init; }

    public required IReadOnlyList<SeedEntry> Seeds { get; init; }

    public string? SeedSelf { get; init; }

    /// <summary>A majority of the seeds is enough to form the cluster, blank ones too.</summary>
    public bool Bootstrap { get; init; }

    public int Port { get; init; } = OverlayAddress.DefaultPort;

    /// <summary>Names and addresses, in the order in which they are tried.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>Tried after <see cref="Interfaces"/>.</summary>
    public IReadOnlyList<Regex> InterfacePatterns { get; init; } = [];

    public IPAddress? InterfaceCanReach { get; init; }

    public IPAddress? PublicIPv4 { get; init; }

    public IPAddress? PublicIPv6 { get; init; }

    public string NetConf { get; init; } = DefaultNetConf;

    /// <summary>The file was named by the operator: then it must be there.</summary>
    public bool NetConfGiven { get; init; }

    public string StateDirectory { get; init; } = DefaultStateDirectory;

    public string RunDirectory { get; init; } = DefaultRunDirectory;

    public required string SubnetFile { get; init; }

    /// <summary>1 to 4,294,967,295, but not 255 (local) and 253 (default); a named network's follows from its name.</summary>
    public uint RouteTable { get; init; } = 254;

    /// <summary>Of the containers of a network that is kept apart; null where it is not.</summary>
    public string? Bridge { get; init; }

    public VxlanLayout VxlanLayout { get; init; }

    /// <summary>1 to 64.</summary>
    public int UdpQueues { get; init; } = DefaultUdpQueues(Environment.ProcessorCount);

    public bool UdpThreadPerDirection { get; init; } = true;

    /// <summary>Up to a second; null for what the loop learns to be good.</summary>
    public TimeSpan? UdpSpin { get; init; }

    public FirewallOptions Firewall { get; init; } = new(Masquerade: false);

    /// <summary>Peers are probed through the overlay.</summary>
    public bool Probes { get; init; } = true;

    public required string NodeName { get; init; }

    public OnExit OnExit { get; init; }

    /// <summary>How long to wait for this host's containers before the lease is given back; zero for no wait.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Where the management API listens beside its unix socket; null for nowhere.</summary>
    public IPEndPoint? ApiListen { get; init; }

    /// <summary>Null where nothing can be changed over TCP.</summary>
    public ApiToken? ApiToken { get; init; }

    public LogFormat LogFormat { get; init; }

    /// <summary>From <see cref="LeaseTimes.ShortestTtl"/> to <see cref="Duration.Longest"/>.</summary>
    public TimeSpan LeaseTtl { get; init; } = LeaseTimes.Default.Ttl;

    /// <summary>From nothing to <see cref="Duration.Longest"/>.</summary>
    public TimeSpan Quarantine { get; init; } = LeaseTimes.Default.Quarantine;

    /// <summary>Null where nothing is said: a file with one seed, the quorum with more.</summary>
    public JournalKind? Journal { get; init; }

    /// <summary>For <see cref="JournalKind.Postgres"/>; null where it is not given.</summary>
    public PostgresConnection? JournalConnection { get; init; }

    /// <summary>It stands on the command line, and a password in it: every user of the machine can read that.</summary>
    public bool JournalPasswordIsPublic { get; init; }

    /// <summary>The ledger that this host had alone becomes the quorum's.</summary>
    public bool AdoptLedger { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];

    public static string NodeFile(NetworkName network) => Environment.GetEnvironmentVariable("AKKA_OVERLAY_NODE_FILE") ?? In(DefaultNodeFile, network);

    public static string NetConfOf(NetworkName network) => In(DefaultNetConf, network);

    public static string StateDirectoryOf(NetworkName network) => Path.Combine(DefaultStateDirectory, network.Text);

    public static string RunDirectoryOf(NetworkName network) => Path.Combine(DefaultRunDirectory, network.Text);

    private static string In(string file, NetworkName network) => Path.Combine(Path.GetDirectoryName(file)!, network.Text, Path.GetFileName(file));

    /// <summary>All options, wherever they are given. The network's name says where node.json is, so the file cannot give another one.</summary>
    /// <exception cref="UsageException">As <see cref="OptionSources.Gather"/>, or the name is none.</exception>
    public static Dictionary<string, OptionValue> Gather(Func<OptionSpec, IReadOnlyList<string>?> commandLine, Func<string, string?> environment)
    {
        var spec = Specs.Single(spec => spec.Name == "network");
        var early = OptionSources.Gather([spec], commandLine, environment, nodeFile: "");
        var network = NetworkOf(early);
        var given = OptionSources.Gather(Specs, commandLine, environment, NodeFile(network));
        return given.TryGetValue(spec.Name, out var value) && !early.ContainsKey(spec.Name) && environment("AKKA_OVERLAY_NODE_FILE") is null
            ? throw new UsageException($"{value.Source}: the network's name says where this file is; give it by --network or {spec.EnvironmentName}")
            : given;
    }

    /// <exception cref="UsageException">It is no name.</exception>
    public static NetworkName NetworkOf(IReadOnlyDictionary<string, OptionValue> given) => new OptionReader(given).Network();

    /// <exception cref="UsageException">Names the option, the value and what is wrong with it.</exception>
    public static RunOptions From(IReadOnlyDictionary<string, OptionValue> given)
    {
        var reader = new OptionReader(given);
        var network = reader.Network();
        int port = reader.Port("port") ?? OverlayAddress.DefaultPort;
        // A socket needs a whole path.
        string runDirectory = Path.GetFullPath(reader.Text("run-dir") ?? RunDirectoryOf(network));
        uint table = reader.RouteTable(network);
        var (connection, isPublic) = JournalConnectionReader.Read(given.GetValueOrDefault("journal-connection"));
        return new RunOptions
        {
            Network = network,
            Seeds = reader.Seeds(port),
            SeedSelf = reader.Text("seed-self"),
            Bootstrap = reader.OneOf("bootstrap", "true", "false") == "true",
            Port = port,
            Interfaces = reader.Texts("iface"),
            InterfacePatterns = [.. reader.Texts("iface-regex").Select(reader.Pattern)],
            InterfaceCanReach = reader.Address("iface-can-reach"),
            PublicIPv4 = reader.Address("public-ip", 32),
            PublicIPv6 = reader.Address("public-ipv6", 128),
            NetConf = reader.Text("net-conf") ?? NetConfOf(network),
            NetConfGiven = given.ContainsKey("net-conf"),
            StateDirectory = reader.Text("state-dir") ?? StateDirectoryOf(network),
            RunDirectory = runDirectory,
            SubnetFile = reader.Text("subnet-file") ?? Path.Combine(runDirectory, "subnet.env"),
            RouteTable = table,
            Bridge = reader.Bridge(table),
            VxlanLayout = Enum.Parse<VxlanLayout>(reader.OneOf("vxlan-layout", "classic", "compact") ?? "classic", ignoreCase: true),
            UdpQueues = reader.Number("udp-queues", 1, 64) ?? DefaultUdpQueues(Environment.ProcessorCount),
            UdpThreadPerDirection = reader.Number("udp-threads", 1, 2) != 1,
            UdpSpin = reader.Number("udp-spin", 0, 1_000_000) is { } spin ? TimeSpan.FromMicroseconds(spin) : null,
            Firewall = new FirewallOptions(reader.OneOf("ip-masq", "true", "false") == "true")
            {
                FullyRandom = reader.OneOf("ip-masq-fully-random-disable", "true", "false") != "true",
                ForwardRules = reader.OneOf("forward-rules", "true", "false") != "false",
                Guard = Enum.Parse<SpoofGuard>(reader.OneOf("spoof-guard", "auto", "on", "off") ?? "auto", ignoreCase: true),
                Allowed = reader.Addresses("spoof-guard-allow").ToEquatableArray(),
                Names = FirewallNames.Of(network),
            },
            Probes = reader.OneOf("probes", "on", "off") != "off",
            NodeName = reader.NodeName(Environment.MachineName),
            OnExit = Enum.Parse<OnExit>(reader.OneOf("on-exit", "auto", "keep", "release") ?? "auto", ignoreCase: true),
            Drain = reader.Drain(),
            LeaseTtl = reader.Duration("lease-ttl", LeaseTimes.ShortestTtl) ?? LeaseTimes.Default.Ttl,
            Quarantine = reader.Duration("quarantine", TimeSpan.Zero) ?? LeaseTimes.Default.Quarantine,
            Journal = reader.OneOf("journal", "sqlite", "quorum", "postgres") is { } kind ? Enum.Parse<JournalKind>(kind, ignoreCase: true) : null,
            JournalConnection = connection,
            JournalPasswordIsPublic = isPublic,
            AdoptLedger = reader.OneOf("adopt-ledger", "true", "false") == "true",
            ApiListen = reader.EndPoint("api-listen"),
            ApiToken = reader.ApiToken(),
            LogFormat = Enum.Parse<LogFormat>(reader.OneOf("log-format", "text", "json") ?? "text", ignoreCase: true),
            Roles = reader.Roles(),
        };
    }

    /// <summary>On two processors several queues bring nothing (docs/benchmarks.md); on many one thread would be the limit.</summary>
    internal static int DefaultUdpQueues(int processors) => Math.Clamp(processors / 2, 1, 8);
}
