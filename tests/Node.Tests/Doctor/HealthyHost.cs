using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Doctor;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Tests.Doctor;

/// <summary>Facts of a host on which nothing is wrong: 10.244.1.0/24 behind cni0, one peer, vxlan over eth0.</summary>
internal static class HealthyHost
{
    public static readonly NodeId Mine = NodeId.Parse("00000001-0001-0002-0304-05060708090a");

    public static readonly NodeId Peer = NodeId.Parse("00000002-0001-0002-0304-05060708090a");

    public static readonly NetworkConfig Vxlan = NetConf.Parse("""{"Network":"10.244.0.0/16"}""");

    public static readonly NetworkConfig Udp = NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""");

    public static readonly NetworkConfig Encrypted = NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""");

    public static readonly Link Tunnel = new(3, "flannel.1")
    {
        Kind = "vxlan", Up = true, Carrier = true, Mtu = 1450, Address = VxlanBackEnd.MacFor(Mine, 1), Vxlan = new VxlanSettings(1, 8472) { Local = IPAddress.Parse("192.168.7.1"), Lower = 2 },
    };

    public static readonly Link Bridge = new(4, "cni0") { Kind = "bridge", Up = true, Carrier = true, Mtu = 1450 };

    public static readonly Link Card = new(2, "eth0") { Up = true, Carrier = true, Mtu = 1500 };

    public static readonly DoctorFacts Facts = new()
    {
        NodeRuns = true,
        Node = Mine,
        Network = Vxlan,
        Own = [IpPrefix.Parse("10.244.1.0/24")],
        Leases = [Lease(Mine, 1), Lease(Peer, 2)],
        SubnetEnv = SubnetEnvFile.Parse("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n"),
        Seeds = [new SeedFact(Seed("192.168.7.1"), true, null)],
        Claimed = [("--iface 192.168.7.1", IPAddress.Parse("192.168.7.1"))],
        Underlay = "eth0",
        Links = [new Link(1, "lo") { Loopback = true, Up = true, Carrier = true, Mtu = 65536 }, Card, Tunnel, Bridge],
        Addresses = [Held(1, "127.0.0.1/8"), Held(2, "192.168.7.1/24"), Held(3, "10.244.1.0/32"), Held(4, "10.244.1.1/24")],
        Routes =
        [
            Route("0.0.0.0/0", 2, 3) with { Gateway = IPAddress.Parse("192.168.7.254") }, Route("192.168.7.0/24", 2, 2), Route("10.244.1.0/24", 4, 2),
            Route("10.244.2.0/24", 3, 77) with { Gateway = IPAddress.Parse("10.244.2.0"), OnLink = true },
        ],
        Rules = [Rule(0, 255), Rule(32766, 254), Rule(32767, 253)],
        NeighboursIPv4 = new NeighbourCount(5, 1, null),
        Sysctls = new Dictionary<string, string>
        {
            ["net/ipv4/ip_forward"] = "1", ["net/ipv6/conf/all/forwarding"] = "0", ["net/ipv4/conf/all/rp_filter"] = "0", ["net/ipv4/conf/flannel.1/rp_filter"] = "2",
            ["net/ipv4/conf/flannel.1/forwarding"] = "1", ["net/ipv4/conf/cni0/forwarding"] = "1", ["net/ipv4/neigh/default/gc_thresh3"] = "1024", ["net/netfilter/nf_conntrack_max"] = "262144",
            ["net/netfilter/nf_conntrack_count"] = "12", ["net/ipv4/ip_local_port_range"] = "32768 60999", ["net/ipv4/ip_local_reserved_ports"] = "",
        },
        UdpPorts = new HashSet<int> { 8472 },
        Processes = new HashSet<string> { "systemd", "akka-overlay" },
        StateFree = 1L << 30,
        StateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
    };

    public static Lease Lease(NodeId owner, int n) => new()
    {
        Owner = owner,
        NodeName = $"host{n}",
        Subnets = new LeaseSubnets(IpPrefix.Parse($"10.244.{n}.0/24"), null),
        Generation = n,
        Public = new HostAddresses(IPAddress.Parse($"192.168.7.{n}"), null),
        Offers = [new VxlanOffer(1, VxlanBackEnd.MacFor(owner, 1))],
    };

    public static SeedEntry Seed(string text) => SeedEntry.Parse(text, 4053)!;

    public static InterfaceAddress Held(int device, string prefix) => new(device, IpPrefix.Parse(prefix));

    public static Route Route(string destination, int device, byte protocol) => new(IpPrefix.Parse(destination)) { Interface = device, Protocol = protocol };

    public static Rule Rule(uint priority, uint table) => new(System.Net.Sockets.AddressFamily.InterNetwork, priority, table) { Protocol = 2 };

    public static DoctorFacts With(this DoctorFacts facts, string sysctl, string value) =>
        facts with { Sysctls = new Dictionary<string, string>(facts.Sysctls) { [sysctl] = value } };

    public static DoctorFacts With(this DoctorFacts facts, Link changed) =>
        facts with { Links = [.. facts.Links.Where(link => link.Index != changed.Index), changed] };

    public static DoctorFacts Running(this DoctorFacts facts, string program) => facts with { Processes = new HashSet<string>(facts.Processes) { program } };

    public static DoctorFacts Reading(this DoctorFacts facts, string path, string text) => facts with { Files = new Dictionary<string, string>(facts.Files) { [path] = text } };

    /// <param name="hook">With its type, as "forward filter".</param>
    public static DoctorFacts Filtering(this DoctorFacts facts, string hook, string policy, string? rule = null)
    {
        string[] words = hook.Split(' ');
        string chain = $$$"""{"chain":{"family":"ip","table":"t","name":"c","handle":1,"hook":"{{{words[0]}}}","type":"{{{words[1]}}}","prio":0,"policy":"{{{policy}}}"}}""";
        string rules = rule is null ? "" : $$$""",{"rule":{"family":"ip","table":"t","chain":"c","handle":7,"expr":[{{{rule}}}]}}""";
        return facts.Filtering([chain + rules]);
    }

    /// <param name="items">Chains and rules, as nft prints them.</param>
    public static DoctorFacts Filtering(this DoctorFacts facts, IEnumerable<string> items) =>
        facts with { Firewall = new FirewallListing(NftRuleset.Parse($$"""{"nftables":[{{string.Join(',', items)}}]}"""), null, null) };

    /// <summary>iptables' FORWARD with policy DROP, and Docker's chain that it leaves to others.</summary>
    /// <param name="family">"ip" or "ip6".</param>
    public static IEnumerable<string> DockersForward(string family) =>
    [
        $$$"""{"chain":{"family":"{{{family}}}","table":"filter","name":"FORWARD","handle":1,"hook":"forward","type":"filter","prio":0,"policy":"drop"}}""",
        $$$"""{"chain":{"family":"{{{family}}}","table":"filter","name":"DOCKER-USER","handle":2}}""",
        $$$"""{"rule":{"family":"{{{family}}}","table":"filter","chain":"FORWARD","handle":3,"expr":[{"jump":{"target":"DOCKER-USER"}}]}}""",
    ];
}
