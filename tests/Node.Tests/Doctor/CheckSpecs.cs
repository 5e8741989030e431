using System.Net;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Doctor;
using AkkaOverlay.Node.Options;
using static AkkaOverlay.Node.Tests.Doctor.HealthyHost;

namespace AkkaOverlay.Node.Tests.Doctor;

/// <summary>Facts in, findings out: one trap after the other on a host that is well otherwise.</summary>
public sealed class CheckSpecs
{
    /// <summary>A trap's name, the facts of it, the check that finds it, whether it bites, and a part of what is said (found or mending).</summary>
    private static readonly (string Trap, DoctorFacts Facts, string Check, bool Bites, string Says)[] Traps =
    [
        ("no rights", Facts with { HasNetAdmin = false }, "capabilities", true, "CAP_NET_ADMIN"),
        ("broken net-conf", Facts with { NetConfProblem = "net-conf.json: SubnetLen: 31" }, "net-conf", true, "network check"),
        ("read-only state", Facts with { StateProblem = "Read-only file system" }, "state-dir", true, "Read-only"),
        ("full disk", Facts with { StateFree = 4096 }, "state-dir", true, "4 KiB left"),
        ("open state", Facts with { StateMode = UnixFileMode.UserRead | UnixFileMode.OtherRead }, "state-dir", false, "chmod 700"),
        ("lease refused", Facts with { NotReady = ["lease: another host lives under this node id"] }, "node", true, "another host"),
        ("path dead", Facts with { FailingPaths = [("host2", "nothing comes back from 10.244.2.0", IPAddress.Parse("10.244.2.0"), false)] }, "probes", true, "akka-overlay explain 10.244.1.0 10.244.2.0"),
        ("path dead with host-gw", Facts with { Addresses = [.. Facts.Addresses.Where(held => held.Interface != 3)], FailingPaths = [("host2", "nothing comes back", IPAddress.Parse("10.244.2.1"), false)] }, "probes", true, "akka-overlay explain 10.244.1.1 10.244.2.1"),
        ("path dead, and no address of ours", Facts with { Addresses = [Held(2, "192.168.7.1/24")], FailingPaths = [("host2", "nothing comes back", IPAddress.Parse("10.244.2.1"), false)] }, "probes", true, "are lost. akka-overlay doctor on host2"),
        ("path that loses packets", Facts with { FailingPaths = [("host2", "20 % of the packets do not come back", IPAddress.Parse("10.244.2.0"), true)] }, "probes", false, "loses packets"),
        ("seed without address", Facts with { Seeds = [new SeedFact(Seed("h9"), false, "the name cannot be resolved")] }, "seeds", true, "getent hosts h9"),
        ("seed silent", Facts with { Seeds = [new SeedFact(Seed("192.168.7.9"), true, "no answer")] }, "seeds", true, "nc -vz 192.168.7.9 4053"),
        ("seed with a port of its own silent", Facts with { Seeds = [new SeedFact(Seed("h9:4060"), true, "no answer")] }, "seeds", true, "let TCP 4060 through: nc -vz h9 4060"),
        ("seed of IPv6 silent", Facts with { Seeds = [new SeedFact(Seed("fd00::9"), true, "no answer")] }, "seeds", true, "nc -vz fd00::9 4053"),
        ("seed of IPv6 with a port silent", Facts with { Seeds = [new SeedFact(Seed("[fd00::9]:4060"), true, "no answer")] }, "seeds", true, "nc -vz fd00::9 4060"),
        ("no underlay", Facts with { Underlay = null }, "underlay", true, "--iface"),
        ("underlay gone", Facts with { Underlay = "eth7" }, "underlay", true, "eth7"),
        ("underlay down", Facts.With(Card with { Up = false }), "underlay", true, "ip link set eth0 up"),
        ("cable out", Facts.With(Card with { Carrier = false }), "underlay", true, "no carrier"),
        ("underlay bare", Facts with { Addresses = [Held(4, "10.244.1.1/24")], Claimed = [] }, "underlay", true, "no address"),
        ("address gone", Facts with { Claimed = [("--iface 192.0.2.9", IPAddress.Parse("192.0.2.9"))] }, "address-gone", true, "no device has 192.0.2.9"),
        ("VirtualBox's NAT", Facts with { Addresses = [Held(2, "10.0.2.15/24")] }, "shared-address", true, "10.0.2.15"),
        ("same address twice", Facts with { Addresses = [.. Facts.Addresses, Held(2, "192.168.7.2/24")] }, "shared-address", true, "host2"),
        ("cluster port among ephemeral", Facts.With("net/ipv4/ip_local_port_range", "1024 60999"), "reserved-ports", true, "ip_local_reserved_ports=4053"),
        ("no TUN", Facts with { Network = Udp, HasTun = false }, "tun", true, "modprobe tun"),
        ("forwarding off", Facts.With("net/ipv4/ip_forward", "0"), "ip-forward", true, "sysctl -w net.ipv4.ip_forward=1"),
        ("forwarding off, nothing made yet", (Facts with { NodeRuns = false, Network = null }).With("net/ipv4/ip_forward", "0"), "ip-forward", false, "when it starts"),
        ("forwarding off on the bridge", Facts.With("net/ipv4/conf/cni0/forwarding", "0"), "ip-forward", true, "net/ipv4/conf/cni0/forwarding=1"),
        ("rp_filter strict", Facts.With("net/ipv4/conf/all/rp_filter", "1").With("net/ipv4/conf/flannel.1/rp_filter", "0"), "rp-filter", true, "net/ipv4/conf/flannel.1/rp_filter=2"),
        ("rp_filter strict before there is a device", (Facts with { NodeRuns = false, SubnetEnv = new Dictionary<string, string>(), Links = [Card, Bridge] }).With("net/ipv4/conf/all/rp_filter", "1"), "rp-filter", false, "sysctl -w net.ipv4.conf.default.rp_filter=2"),
        ("docker's policy", Facts.Filtering(DockersForward("ip")), "forward-filter", true, "iptables -I DOCKER-USER -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT"),
        ("docker's raw rule", Facts.Filtering("prerouting filter", "accept", """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":"10.244.1.2"}},{"drop":null}"""), "forward-filter", true, "hook prerouting"),
        ("perhaps dropped", Facts.Filtering("forward filter", "accept", """{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"drop":null}"""), "forward-filter", false, "perhaps"),
        ("tunnel's port dropped", Facts.Filtering("input filter", "accept", """{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":8472}},{"drop":null}"""), "tunnel-filter", true, "nft insert rule ip t c handle 7 udp dport 8472 accept"),
        ("cluster's port dropped", Facts.Filtering("input filter", "accept", """{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":4053}},{"drop":null}"""), "tunnel-filter", true, "TCP 4053"),
        ("masqueraded", Facts.Filtering("postrouting nat", "accept", """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.244.1.0","len":24}}}},{"masquerade":null}"""), "masquerade", true, "--ip-masq=false"),
        ("legacy drops", Facts with { Firewall = new FirewallListing(NftRuleset.Empty, null, "*filter\n:FORWARD DROP [0:0]\n") }, "iptables-legacy", true, "iptables-legacy -A FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT"),
        ("legacy too", Facts with { Firewall = new FirewallListing(NftRuleset.Empty, null, "*filter\n:FORWARD ACCEPT [0:0]\n-A INPUT -j ACCEPT\n") }, "iptables-legacy", false, "iptables-legacy-save"),
        ("firewalld", Facts.Running("firewalld"), "firewalld", false, "--add-source=10.244.0.0/16"),
        ("bridged packets filtered", Facts.With("net/bridge/bridge-nf-call-iptables", "1").Filtering("forward filter", "drop"), "br-netfilter", false, "bridge-nf-call-iptables"),
        ("no br_netfilter", Facts.Running("dockerd"), "br-netfilter", false, "modprobe br_netfilter"),
        ("conntrack full", Facts.With("net/netfilter/nf_conntrack_count", "250000"), "conntrack", true, "nf_conntrack_max="),
        ("neighbours full", Facts with { NeighboursIPv4 = new NeighbourCount(1000, 0, null) }, "neighbour-table", true, "net.ipv4.neigh.default.gc_thresh3=8192"),
        ("neighbours of containers full", Facts with { NeighboursIPv4 = new NeighbourCount(10, 5000, 6000) }, "neighbour-table", true, "1000 neighbours of 1024 (ipv4)"),
        ("permanent neighbours on an old kernel", Facts with { Kernel = new Version(4, 19), NeighboursIPv4 = new NeighbourCount(10, 1000, null) }, "neighbour-table", true, "1010 neighbours"),
        ("IPv6 neighbours full", Facts.With("net/ipv6/neigh/default/gc_thresh3", "1024") with { NeighboursIPv6 = new NeighbourCount(900, 0, null) }, "neighbour-table", true, "net.ipv6.neigh.default.gc_thresh3=8192"),
        ("device gone", Facts with { Links = [Card, Bridge] }, "device-gone", true, "flannel.1 is not there"),
        ("device down", Facts.With(Tunnel with { Up = false }), "device-gone", true, "ip link set flannel.1 up"),
        ("routes gone, node stopped", Facts with { NodeRuns = false, Routes = [Route("10.244.1.0/24", 4, 2)] }, "device-gone", true, "no route to 1 of 1 peers"),
        ("flannel's device", Facts.With(Tunnel with { Address = MacAddress.Parse("02:00:00:00:00:42") }), "stale-flannel", true, "ip link del flannel.1"),
        ("flanneld", Facts.Running("flanneld"), "stale-flannel", true, "systemctl disable --now flanneld"),
        ("flannel's other device", Facts.With(new Link(9, "flannel.7") { Kind = "vxlan", Vxlan = new VxlanSettings(7, 8473) }), "stale-flannel", false, "ip link del flannel.7"),
        ("stale route", Facts with { NodeRuns = false, Routes = [.. Facts.Routes, Route("10.244.9.0/24", 3, 77)] }, "stale-routes", true, "10.244.9.0/24"),
        ("port and VNI taken", Facts.With(new Link(9, "vxlan0") { Kind = "vxlan", Vxlan = new VxlanSettings(1, 8472) }), "tunnel-port", true, "vxlan0 uses UDP 8472 too"),
        ("port shared", Facts.With(new Link(9, "vxlan0") { Kind = "vxlan", Vxlan = new VxlanSettings(9, 8472) }), "tunnel-port", false, "VNI 9"),
        ("port of another program", Facts with { NodeRuns = false, Links = [Card, Bridge] }, "tunnel-port", true, "ss -lunp"),
        ("misses", Facts.With(Tunnel with { Vxlan = Tunnel.Vxlan! with { L3Miss = true } }), "vxlan-flags", true, "l3miss"),
        ("learning", Facts.With(Tunnel with { Vxlan = Tunnel.Vxlan! with { Learning = true } }), "vxlan-flags", true, "nolearning"),
        ("MAC rewritten", Facts.With(Tunnel with { Address = MacAddress.Parse("02:00:00:00:00:42") }), "mac-address", true, "02:00:00:00:00:42"),
        (".link file", Facts.Reading("/etc/systemd/network/10-x.link", "[Match]\nOriginalName=flannel*\n[Link]\nMACAddressPolicy=persistent\n"), "mac-address", true, "MACAddressPolicy=none"),
        ("checksums on an old kernel", Facts with { Kernel = new Version(5, 4), ChecksumOffload = new HashSet<string> { "flannel.1" } }, "checksum-offload", true, "ethtool -K flannel.1"),
        ("VMware", Facts with { Vendor = "VMware, Inc." }, "hypervisor", false, "8473"),
        ("no key", Facts with { Network = Encrypted, Leases = [Lease(Mine, 1)] }, "encryption", true, "no key"),
        ("underlay's MTU smaller", Facts.With(Card with { Mtu = 1400 }), "mtu", true, "packets of 1500 on eth0 with MTU 1400"),
        ("underlay's MTU may not be what the wire takes", Facts.With(Card with { Mtu = 1400 }), "mtu", true, "ip link set flannel.1 mtu 1350; or ip link set eth0 mtu 1500, where"),
        ("configured MTU too large", Facts.With(Tunnel with { Mtu = 8950 }) with { Network = Actors.Network.NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":9000}}""") }, "mtu", true, "set \"MTU\" of Backend to 1500: akka-overlay network set FILE"),
        ("encrypted tunnel too large", Facts.With(Tun with { Mtu = 1460 }) with { Network = Encrypted }, "mtu", true, "ip link set flannel0 mtu 1440"),
        ("tunnel over IPv6 too large", Facts.With(Tun with { Mtu = 1460 }) with { Network = Udp, Addresses = [Held(2, "fd00::1/64"), Held(4, "10.244.1.1/24")] }, "mtu", true, "ip link set flannel0 mtu 1452"),
        ("tunnel smaller than subnet.env says", Facts.With(Tunnel with { Mtu = 1400 }), "mtu", true, "ip link set flannel.1 mtu 1450"),
        ("subnet.env says more than the underlay takes", Facts.With(Tunnel with { Mtu = 1350 }).With(Card with { Mtu = 1400 }), "mtu", true, "systemctl restart akka-overlay"),
        ("bridge's MTU larger", Facts.With(Bridge with { Mtu = 1500 }), "mtu", true, "ip link set cni0 mtu 1450"),
        ("foreign route", Facts with { Routes = [.. Facts.Routes, Route("10.244.2.0/25", 2, 3)] }, "foreign-routes", true, "ip route del 10.244.2.0/25"),
        ("blackhole", Facts with { Routes = [.. Facts.Routes, Route("10.244.2.9/32", 0, 3) with { Type = RouteType.Blackhole }] }, "foreign-routes", true, "ip route del blackhole 10.244.2.9/32"),
        ("foreign rule refuses", Facts with { Rules = [.. Facts.Rules, Rule(100, 0) with { Action = RuleAction.Prohibit, Destination = IpPrefix.Parse("10.244.0.0/16") }] }, "foreign-rules", true, "ip rule del priority 100"),
        ("foreign rule leads away", Facts with { Rules = [.. Facts.Rules, Rule(50, 55)], Routes = [.. Facts.Routes, Route("10.0.0.0/8", 2, 3) with { Table = 55 }] }, "foreign-rules", true, "lookup 55"),
        ("docker's network inside", Facts.With(new Link(9, "docker0") { Kind = "bridge" }) with { Addresses = [.. Facts.Addresses, Held(9, "10.244.77.1/24")] }, "overlap", true, "docker0 has 10.244.77.1/24"),
        ("underlay inside", Facts with { Addresses = [.. Facts.Addresses, Held(2, "10.244.0.9/16")] }, "overlap", true, "the underlay itself"),
        ("docker's bip", Facts.Reading("/etc/docker/daemon.json", """{"bip":"172.18.0.1/16"}"""), "docker-options", true, "10.244.1.1/24"),
        ("docker's mtu", Facts.Reading("/etc/docker/daemon.json", """{"mtu":1500}"""), "docker-options", true, "1450"),
        ("networkd", Facts.Running("systemd-network"), "networkd", true, "ManageForeignRoutes"),
        ("networkd takes it", Facts.Running("systemd-network").Reading("/etc/systemd/network/all.network", "[Match]\nName=*\n[Network]\nDHCP=yes\n"), "networkd", true, "all.network"),
        ("NetworkManager", Facts.Running("NetworkManager"), "networkmanager", false, "unmanaged-devices"),
        ("pool nearly empty", Facts with { Network = Actors.Network.NetConf.Parse("""{"Network":"10.244.0.0/22","SubnetLen":24}""") , Leases = [Lease(Mine, 1), Lease(Peer, 2), Lease(Peer, 3)] }, "pool", true, "subnets of 10.244.0.0/22 are leased"),
    ];

    private static Link Tun => new(3, "flannel0") { Kind = "tun", Up = true, Carrier = true, Mtu = 1472, Alias = $"akka-overlay {Mine}", Tun = new TunSettings(false, true, true) };

    public static TheoryData<string> Names => [.. Traps.Select(trap => trap.Trap)];

    [Fact]
    public void A_healthy_host_has_no_findings() => Assert.Empty(AllChecks.Judge(Facts).Findings);

    [Fact]
    public void A_host_that_nobody_knows_anything_of_makes_no_check_fail() => Assert.NotNull(AllChecks.Judge(new DoctorFacts()));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_trap_is_found(string name)
    {
        var trap = Traps.Single(trap => trap.Trap == name);
        var result = AllChecks.Judge(trap.Facts);
        Assert.Contains(result.Findings, finding => finding.Check == trap.Check && finding.Bites == trap.Bites && $"{finding.What}: {finding.Why}. {finding.Mend}".Contains(trap.Says, StringComparison.Ordinal));
        Assert.Equal(result.Findings.Count(finding => finding.Bites), result.Bites);
        // One finding is one line.
        Assert.All(result.Findings, finding => Assert.DoesNotContain('\n', finding.What + finding.Why + finding.Mend));
    }

    [Fact]
    public void Every_check_finds_something_here() =>
        Assert.Equal(AllChecks.List.Select(check => check.Name).Order(StringComparer.Ordinal), Traps.Select(trap => trap.Check).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Neighbours_are_counted_as_the_kernel_counts_them_for_its_garbage_collector()
    {
        Neighbour[] entries =
        [
            new(2, IPAddress.Parse("192.168.7.2")) { State = NeighbourState.Reachable }, new(2, IPAddress.Parse("224.0.0.1")) { State = NeighbourState.NoArp },
            new(3, IPAddress.Parse("10.244.2.0")) { State = NeighbourState.Permanent }, new(3, IPAddress.Parse("10.244.3.0")) { State = NeighbourState.Reachable, Flags = NeighbourFlags.ExternallyLearned },
        ];
        Assert.Equal(new NeighbourCount(2, 2, null), NeighbourCount.Of(entries, null));
        Assert.Equal(0x65, NeighbourCount.Of(entries, "entries  allocs   destroys\n00000065 0002807d 0002b186\n00000065 00000000 00000000\n").Everywhere);
        Assert.Null(NeighbourCount.Of(entries, "").Everywhere);
    }

    [Fact]
    public void Of_a_seeds_addresses_the_one_is_tried_that_the_node_takes() => Assert.Equal(
        IPAddress.Parse("192.168.7.2"), SeedEntry.Choose([IPAddress.Parse("fd00::2"), IPAddress.Parse("192.168.7.9"), IPAddress.Parse("192.168.7.2")]));

    [Fact]
    public void What_is_set_right_is_left_alone()
    {
        Assert.Empty(AllChecks.Judge(Facts.Running("systemd-network")
            .Reading("/etc/systemd/networkd.conf", "[Network]\n#ManageForeignRoutes=yes\nManageForeignRoutes=yes\n")
            .Reading("/etc/systemd/networkd.conf.d/a.conf", "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n")
            .Reading("/etc/systemd/network/eth.network", "[Match]\nName=e*\n")
            .Reading("/usr/lib/systemd/network/99-default.link", "[Match]\nOriginalName=*\n[Link]\nMACAddressPolicy=persistent\n")).Findings);
        Assert.Empty(AllChecks.Judge(Facts.Running("NetworkManager").Reading("/etc/NetworkManager/conf.d/a.conf", "[keyfile]\nunmanaged-devices=interface-name:flannel*\n")).Findings);
        Assert.Empty(AllChecks.Judge(Facts.With("net/ipv4/ip_local_port_range", "1024 60999").With("net/ipv4/ip_local_reserved_ports", "4053,8000-9000")).Findings);
        Assert.Empty(AllChecks.Judge(Facts.With("net/ipv4/conf/all/rp_filter", "1")).Findings);
        // IPv4 and IPv6 have a limit each, and permanent ones of ours do not count.
        Assert.Empty(AllChecks.Judge(Facts.With("net/ipv6/neigh/default/gc_thresh3", "1024") with { NeighboursIPv4 = new NeighbourCount(500, 5000, 5500), NeighboursIPv6 = new NeighbourCount(500, 5000, 5500) }).Findings);
        Assert.Empty(AllChecks.Judge(Facts.Reading("/etc/docker/daemon.json", """{"bip":"10.244.1.1/24","mtu":1450}""")).Findings);
    }
}
