using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Noise;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Plan;

/// <summary>What packets may have where hosts' underlays differ.</summary>
public class UnderlayMtuSpecs
{
    private static readonly PublicKey Key = PublicKey.FromBytes(Enumerable.Range(1, PublicKey.Length).Select(n => (byte)n).ToArray());

    private static readonly Offer[] Offers =
        [new VxlanOffer(1, default), new HostGwOffer(), new UdpOffer(), new IpipOffer(), new WireGuardOffer(Key, 51820, 51821), new CloudOffer("gce")];

    [Theory]
    [InlineData("""{"Type":"vxlan"}""", 1350, "flannel.1")]
    [InlineData("""{"Type":"udp"}""", 1372, "flannel0")]
    [InlineData("""{"Type":"udp","Encryption":"aes-256-gcm"}""", 1340, "flannel0")]
    [InlineData("""{"Type":"ipip"}""", 1380, "flannel.ipip")]
    [InlineData("""{"Type":"wireguard"}""", 1320, "flannel-wg")]
    [InlineData("""{"Type":"auto"}""", 1350, "flannel.1")]
    [InlineData("""{"Type":"host-gw"}""", 1400, null)]
    [InlineData("""{"Type":"gce"}""", 1400, null)]
    public void The_smallest_of_all_underlays_is_the_mtu_of_devices_and_containers(string backEnd, int mtu, string? device)
    {
        Lease[] peers = [Peer(2, 1500), Peer(3, 1400), Peer(4, 1450)];
        bool encrypted = backEnd.Contains("Encryption", StringComparison.Ordinal);
        var plan = Plan(Facts(backEnd), encrypted ? [.. peers.Select(peer => peer with { Offers = [new UdpOffer(Key)] })] : peers);
        Assert.Equal(mtu, plan.Mtu);
        Assert.Equal("the underlay of host3 has 1400", plan.UnderlayMtu.Reason);
        if (device is not null)
            Assert.Equal(mtu, plan.Links.Single(link => link.Name == device).Mtu);
        // The forwarders' own limit is the same.
        Assert.All(plan.Links.OfType<WantedTun>(), tun => Assert.Equal(1400, tun.OuterMtu));
    }

    [Fact]
    public void Without_the_peer_it_is_as_before_and_the_peers_reason_with_it()
    {
        var plan = Plan(Facts(), Peer(2, 1500), Peer(4, 9000));
        Assert.Equal((1450, new UnderlayMtu(1500)), (plan.Mtu, plan.UnderlayMtu));
    }

    [Fact]
    public void A_host_whose_own_underlay_is_the_smallest_has_its_own() =>
        Assert.Equal((1250, new UnderlayMtu(1300)), Plan(Facts(underlay: 1300), Peer(2, 1500), Peer(3, 1300), Peer(4, null)) is var plan ? (plan.Mtu, plan.UnderlayMtu) : default);

    [Fact]
    public void A_peer_of_an_earlier_release_says_nothing_and_changes_nothing() => Assert.Equal(1450, Plan(Facts(), Peer(2, null)).Mtu);

    [Fact]
    public void Who_is_not_reached_does_not_count()
    {
        var stranger = Peer(2, 1300) with { Offers = [new VxlanOffer(7, default)] };
        var own = Peer(1, 1300);
        Assert.Equal((1450, new UnderlayMtu(1500)), Plan(Facts(), stranger, own) is var plan ? (plan.Mtu, plan.UnderlayMtu) : default);
        Assert.Equal(1500, Plan(Facts("""{"Type":"alloc"}"""), Peer(2, 1300)).Mtu);
    }

    /// <summary>A host that is broken, or lies, must not take the network from all: containers keep 576 octets, and 1280 where there is IPv6.</summary>
    [Theory]
    [InlineData(false, 1, null)]
    [InlineData(false, 68, null)]
    [InlineData(false, 625, null)]
    [InlineData(false, 626, 576)]
    [InlineData(true, 68, null)]
    [InlineData(true, 1349, null)]
    [InlineData(true, 1350, 1280)]
    public void A_word_that_would_leave_too_little_is_not_taken_and_that_is_said(bool dual, int said, int? taken)
    {
        var lease = dual ? Samples.DualLease(3) with { UnderlayMtu = said } : Peer(3, said);
        var network = dual ? Samples.DualNetwork : Samples.IPv4Network;
        var host = new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.DualPublic(1), Samples.DualPublic(1)), network);
        var plan = Planner.Plan(host, dual ? Samples.DualLease(1) : Samples.Lease(1), [lease]);
        Assert.Equal(taken ?? (dual ? 1430 : 1450), plan.Mtu);
        string? refused = taken is null ? $"the underlay of host3 has less than the {(dual ? 1350 : 626)} that are needed, and is not followed" : null;
        Assert.Equal(refused, plan.UnderlayMtu.Refused);
        Assert.Equal(taken is null, plan.UnderlayMtu.Reason is null);
    }

    [Fact]
    public void Beside_one_that_is_not_taken_the_others_count()
    {
        var plan = Plan(Facts(), Peer(2, 68), Peer(3, 1400), Peer(4, 1400), Peer(5, 1));
        Assert.Equal(1350, plan.Mtu);
        Assert.Equal("the underlay of host3 and 1 more has 1400", plan.UnderlayMtu.Reason);
        Assert.StartsWith("the underlay of host2 and 1 more has less", plan.UnderlayMtu.Refused, StringComparison.Ordinal);
    }

    /// <summary>Who sets it knows the way between the hosts; device and file have the same all the same.</summary>
    [Theory]
    [InlineData("""{"Type":"vxlan","MTU":1500}""", 1450)]
    [InlineData("""{"Type":"wireguard","MTU":1500}""", 1420)]
    public void An_mtu_of_the_configuration_counts_and_no_peers(string backEnd, int mtu)
    {
        var plan = Plan(Facts(backEnd, 9000), Peer(2, 1400));
        Assert.Equal(mtu, plan.Mtu);
        Assert.All(plan.Links, link => Assert.Equal(mtu, link.Mtu));
        Assert.Equal(new UnderlayMtu(9000), plan.UnderlayMtu);
    }

    [Fact]
    public void While_a_back_end_with_an_mtu_of_its_own_gives_way_the_other_asks_the_peers()
    {
        var facts = Facts("""{"Type":"host-gw"}""") with { Leaving = new VxlanConfig { Mtu = 1480 } };
        var plan = Plan(facts, Peer(2, 1400));
        Assert.Equal(1430, Assert.Single(plan.Links).Mtu);
        Assert.Equal(1400, plan.Mtu);
    }

    [Fact]
    public void It_is_the_smallest_of_those_that_are_enough_whatever_the_hosts_say() =>
        Gen.Select(Gen.Int[576, 9000], Gen.Int[0, 9000].Array[0, 20]).Sample((own, said) =>
        {
            Lease[] peers = [.. said.Select((mtu, i) => Peer(i + 2, mtu == 0 ? null : mtu))];
            int expected = said.Where(mtu => mtu >= 626).Append(own).Min();
            var plan = Plan(Facts(underlay: own), peers);
            return plan.UnderlayMtu.Octets == expected && plan.Mtu == expected - 50 && Assert.Single(plan.Links).Mtu == plan.Mtu
                && (plan.UnderlayMtu.Reason is null) == (expected == own) && (plan.UnderlayMtu.Refused is null) == !said.Any(mtu => mtu is > 0 and < 626 && mtu < own);
        });

    private static HostPlan Plan(HostFacts facts, params Lease[] leases) => Planner.Plan(facts, Samples.Lease(1), leases);

    private static HostFacts Facts(string backEnd = """{"Type":"vxlan"}""", int underlay = 1500) =>
        new(Samples.Node(1), new Underlay("eth0", underlay, Samples.Public(1), Samples.Public(1)), NetConf.Parse($$"""{"Network":"10.244.0.0/16","Backend":{{backEnd}}}""")) { TunnelKey = Key };

    private static Lease Peer(int n, int? mtu) => Samples.Lease(n, 0, Offers) with { UnderlayMtu = mtu };
}
