using System.Collections.Immutable;
using Akka.Actor;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>Device and subnet.env follow the smallest underlay, and the others hear of this host's.</summary>
public sealed class UnderlayMtuSpecs : HostFixture
{
    private static readonly Underlay Small = new("eth0", 1400, Samples.Public(1), Samples.Public(1));

    [Fact]
    public void A_peer_with_a_smaller_underlay_takes_device_and_file_down_and_when_it_leaves_they_go_up()
    {
        var host = Start();
        Hold(host);
        See(host, 10, Samples.Lease(1), Samples.Lease(2));
        AwaitMtu(1450);
        See(host, 11, Samples.Lease(1), Samples.Lease(2), Samples.Lease(3) with { UnderlayMtu = 1400 });
        AwaitMtu(1350);
        AwaitReady(host);
        Assert.Equal((1350, "the underlay of host3 has 1400"), StatusOf(host).Plan is var plan ? (plan.Mtu, plan.UnderlayMtu.Reason) : default);
        See(host, 12, Samples.Lease(1), Samples.Lease(2), Samples.Lease(3) with { UnderlayMtu = 1500 });
        AwaitMtu(1450);
        See(host, 13, Samples.Lease(1), Samples.Lease(2) with { UnderlayMtu = 1300 });
        AwaitMtu(1250);
        See(host, 14, Samples.Lease(1));
        AwaitMtu(1450);
    }

    /// <summary>Whoever starts containers goes by the file: the first one must be right.</summary>
    [Fact]
    public void The_file_waits_until_it_is_known_who_the_peers_are()
    {
        var host = Start();
        Hold(host);
        AwaitAssert(() => Assert.NotNull(Kernel.DumpLinks().FirstOrDefault(link => link.Name == "flannel.1")), Patience);
        Thread.Sleep(300);
        Assert.False(SubnetFileExists);
        See(host, 10, Samples.Lease(1), Samples.Lease(2) with { UnderlayMtu = 1400 });
        AwaitAssert(() => Assert.Contains("FLANNEL_MTU=1350\n", File.ReadAllText(Files.SubnetFile), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void What_is_not_followed_is_in_the_log_once()
    {
        var host = Start();
        Hold(host);
        EventFilter.Warning(contains: "the underlay of host3 has less than the 626 that are needed").ExpectOne(() =>
        {
            See(host, 11, Samples.Lease(1), Samples.Lease(3) with { UnderlayMtu = 68 });
            AwaitReady(host);
            See(host, 12, Samples.Lease(1), Samples.Lease(2), Samples.Lease(3) with { UnderlayMtu = 68 });
            AwaitAssert(() => Assert.Equal(2, RouteDestinations().Count()), Patience);
        });
        AwaitMtu(1450);
    }

    [Fact]
    public void An_underlay_that_changes_is_told_to_the_ledger_at_once()
    {
        var host = Start();
        Hold(host);
        See(host, 10, Samples.Lease(1), Samples.Lease(2));
        AwaitReady(host);
        host.Tell(new UnderlaySeen(Small, null));
        Assert.Equal(1400, Claimant.ExpectMsg<HostProtocol.ClaimNow>(Patience).UnderlayMtu);
        AwaitMtu(1350);
    }

    /// <summary>The claimant may have started with what was so a moment before, or the message may be lost.</summary>
    [Fact]
    public void A_lease_that_says_another_mtu_than_this_host_has_is_claimed_again()
    {
        var host = Start();
        host.Tell(new HostProtocol.LeaseHeld(Samples.Lease(1) with { UnderlayMtu = 1400 }, Samples.Version(Samples.IPv4Network), null), Claimant);
        Assert.Equal(1500, Claimant.ExpectMsg<HostProtocol.ClaimNow>(Patience).UnderlayMtu);
        // An allocator of an earlier release never says one.
        Hold(host);
        Claimant.ExpectNoMsg(Silence);
    }

    private static void See(IActorRef host, long revision, params Lease[] leases) => host.Tell(new HostProtocol.LedgerSeen(
        Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), revision, Samples.Version(Samples.IPv4Network), leases.ToImmutableDictionary(lease => lease.Owner)));

    private void AwaitMtu(int mtu) => AwaitAssert(
        () =>
        {
            Assert.Equal(mtu, Kernel.DumpLinks().FirstOrDefault(link => link.Name == "flannel.1")?.Mtu);
            Assert.Contains($"FLANNEL_MTU={mtu}\n", File.ReadAllText(Files.SubnetFile), StringComparison.Ordinal);
        },
        Patience);
}
