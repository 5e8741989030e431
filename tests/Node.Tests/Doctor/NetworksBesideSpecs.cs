using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Doctor;
using static AkkaOverlay.Node.Tests.Doctor.HealthyHost;

namespace AkkaOverlay.Node.Tests.Doctor;

/// <summary>Several networks on one host: what is another one's is no trap, and no command takes it away.</summary>
public sealed class NetworksBesideSpecs
{
    private static readonly NodeId Blues = NodeId.Parse("0000000b-0001-0002-0304-05060708090a");

    private static readonly NetworkName Blue = NetworkName.TryParse("blue", out var name) ? name : default;

    private static readonly Link BlueTunnel = new(13, "flannel.2") { Kind = "vxlan", Up = true, Carrier = true, Mtu = 1450, Address = VxlanBackEnd.MacFor(Blues, 2), Vxlan = new VxlanSettings(2, 8472) { Lower = 2 } };

    private static readonly Link BlueTun = new(13, "flannel-u8286") { Kind = "tun", Up = true, Carrier = true, Mtu = 1472, Alias = $"akka-overlay {Blues}", Tun = new TunSettings(false, true, true) };

    private static readonly Link BlueBridge = new(14, "br-blue") { Kind = "bridge", Up = true, Carrier = true, Mtu = 1500 };

    private static readonly Route BlueRoute = Route("10.244.9.0/24", BlueTunnel.Index, 77) with { Table = Blue.Table };

    private static readonly NetworksBeside BlueRuns = NetworksBeside.None with { Names = [Blue] };

    /// <summary>The same range on another bridge: the larger MTU is blue's matter.</summary>
    private static readonly DoctorFacts BlueApart = Facts.With(BlueTunnel).With(BlueBridge) with
    {
        Addresses = [.. Facts.Addresses, Held(BlueBridge.Index, "10.244.5.1/24")],
        Routes = [.. Facts.Routes, BlueRoute, Route("10.244.5.0/24", BlueBridge.Index, 2)],
        Rules = [.. Facts.Rules, Rule(7600, Blue.Table) with { Protocol = 77, IncomingInterface = BlueBridge.Name }, Rule(7600, Blue.Table) with { Protocol = 77, IncomingInterface = BlueTunnel.Name }],
    };

    public static TheoryData<string> Proofs => ["routes", "rules", "node id", "alias", "the same subnet"];

    [Theory]
    [MemberData(nameof(Proofs))]
    public void Whatever_shows_that_it_is_another_networks_makes_it_no_trap(string proof) => Assert.Empty(AllChecks.Judge(proof switch
    {
        "routes" => Facts.With(BlueTunnel) with { Routes = [.. Facts.Routes, BlueRoute] },
        "rules" => BlueApart with { Routes = Facts.Routes },
        "node id" => Facts.With(BlueTunnel) with { Beside = BlueRuns with { Nodes = [Blues] } },
        "alias" => Facts.With(BlueTun),
        _ => BlueApart with { Addresses = [.. Facts.Addresses, Held(BlueBridge.Index, "10.244.1.1/24")] },
    }).Findings);

    [Fact]
    public void A_bridge_with_the_gateway_of_another_networks_subnet_is_that_networks() => Assert.Empty(AllChecks.Judge(Facts.With(BlueBridge) with
    {
        Addresses = [.. Facts.Addresses, Held(BlueBridge.Index, "10.244.5.1/24")],
        Beside = BlueRuns with { Subnets = [IpPrefix.Parse("10.244.5.0/24")] },
    }).Findings);

    [Fact]
    public void Routes_of_a_stopped_network_are_stale_in_its_own_table_and_in_no_other()
    {
        var stopped = BlueApart with { NodeRuns = false };
        Assert.Empty(AllChecks.Judge(stopped).Findings);
        // Seen from blue, whose node is stopped too, the default network's routes are another's, and blue's without a lease is stale.
        var blue = stopped with { Name = Blue, Node = Blues, Network = NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2}}"""), Leases = [Lease(Blues, 5)], Own = [IpPrefix.Parse("10.244.5.0/24")], SubnetEnv = Facts.SubnetEnv };
        var finding = Assert.Single(AllChecks.Judge(blue).Findings, finding => finding.Check is "stale-routes" or "stale-flannel" or "overlap");
        Assert.Contains("10.244.9.0/24", finding.What, StringComparison.Ordinal);
        Assert.Equal("systemctl start akka-overlay@blue, which sweeps it, or akka-overlay cleanup --network blue", finding.Mend);
    }

    [Fact]
    public void Another_networks_device_under_our_name_is_told_and_neither_deleted_nor_changed()
    {
        var taken = Facts.With(BlueTunnel with { Name = "flannel.1", Index = 3, Vxlan = new VxlanSettings(1, 8472) { L3Miss = true }, Address = VxlanBackEnd.MacFor(Blues, 1) }) with
        {
            Routes = [.. Facts.Routes.Where(route => route.Protocol != 77), BlueRoute with { Interface = 3 }],
        };
        var findings = AllChecks.Judge(taken).Findings;
        Assert.Contains(findings, finding => finding is { Check: "stale-flannel", Bites: true } && finding.Mend.Contains("\"VNI\"", StringComparison.Ordinal));
        Assert.DoesNotContain(findings, finding => finding.Mend.Contains("ip link", StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_without_a_proof_is_not_to_be_deleted_where_there_are_other_networks()
    {
        var fresh = Facts.With(BlueTunnel);
        Assert.Equal("ip link del flannel.2", Assert.Single(AllChecks.Judge(fresh).Findings, finding => finding.Check == "stale-flannel").Mend);
        var finding = Assert.Single(AllChecks.Judge(fresh with { Beside = BlueRuns }).Findings, finding => finding.Check == "stale-flannel");
        Assert.Equal((false, "look whose it is: akka-overlay routes --network blue"), (finding.Bites, finding.Mend));
        // Before the first configuration nobody knows what is in the way.
        finding = Assert.Single(AllChecks.Judge(fresh with { Network = null, Beside = BlueRuns, Node = null, Links = [Card, BlueTunnel] }).Findings, finding => finding.Check == "stale-flannel");
        Assert.False(finding.Bites);
    }

    [Fact]
    public void A_default_networks_own_device_of_an_earlier_node_id_is_nobody_elses()
    {
        var earlier = Facts.With(BlueTun with { Name = "flannel0", Index = 3 }) with { Network = Udp, Beside = BlueRuns };
        Assert.Equal("ip link del flannel0", Assert.Single(AllChecks.Judge(earlier).Findings, finding => finding.Check == "stale-flannel").Mend);
        Assert.DoesNotContain(AllChecks.Judge(earlier with { Name = Blue, Network = Vxlan, Links = [.. Facts.Links, BlueTun with { Name = "flannel0" }] }).Findings, finding => finding.Check == "stale-flannel");
    }

    [Fact]
    public void Commands_name_the_network_that_they_are_about() => Assert.All(
        AllChecks.Judge(Facts with { Name = Blue, HasNetAdmin = false, Underlay = null, NotReady = ["lease: waits"], Routes = Facts.Routes }).Findings.Where(finding => finding.Mend.Contains("akka-overlay ", StringComparison.Ordinal)),
        finding => Assert.Contains("--network blue", finding.Mend, StringComparison.Ordinal));

    [Fact]
    public void Running_networks_are_known_by_the_names_that_they_hold() => Assert.Equal(
        ["", "blue"],
        NetworksBesideFacts.Running(
            """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 22 @akka-overlay/network/
            0000000000000000: 00000002 00000000 00010000 0001 01 23 @akka-overlay/network/blue
            0000000000000000: 00000002 00000000 00010000 0001 01 24 /run/akka-overlay/api.sock
            0000000000000000: 00000003 00000000 00000000 0001 03 25
            """).Select(name => name.Text));

    [Fact]
    public void Directories_of_other_networks_are_beside_ours_and_ours_is_not_among_them()
    {
        string root = Directory.CreateTempSubdirectory("akka-overlay-").FullName;
        try
        {
            foreach (string name in new[] { "blue", "red", "not.a.name" })
                Directory.CreateDirectory(Path.Combine(root, name));
            Assert.Equal(["blue", "red"], Names(root, default));
            Assert.Equal(["", "red"], Names(Path.Combine(root, "blue"), Blue));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        static IEnumerable<string> Names(string own, NetworkName network) =>
            NetworksBesideFacts.Directories("/nowhere", own, network).Select(one => one.Name.Text).Order(StringComparer.Ordinal);
    }
}
