using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.LeaseFeed;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.View;

public sealed class LedgerEventsSpecs
{
    private static readonly Guid Epoch = Guid.Parse("00000000-0000-0000-0000-0000000000e1");
    private static readonly IpPrefix Subnet = IpPrefix.Parse("10.244.9.0/24");

    [Fact]
    public void What_is_there_at_first_is_no_news() => Assert.Empty(LedgerEvents.Between(null, new LedgerFollowed(Ledger(Samples.Lease(1)), null)));

    [Fact]
    public void A_lease_that_comes_and_one_that_goes()
    {
        Assert.Equal(["host2 got 10.244.2.0/24"], Texts(Ledger(Samples.Lease(1)), Ledger(Samples.Lease(1), Samples.Lease(2))));
        Assert.Equal(["host2 no longer has 10.244.2.0/24"], Texts(Ledger(Samples.Lease(1), Samples.Lease(2)), Ledger(Samples.Lease(1)), new LeaseEvent.Released(Samples.Node(2), 3)));
        Assert.Equal(
            ["host2 was not seen for too long: 10.244.2.0/24 is in quarantine"],
            Texts(Ledger(Samples.Lease(2)), Ledger(), new LeaseEvent.Expired(Samples.Node(2), 3)));
    }

    [Fact]
    public void A_host_that_moved_is_at_another_address_or_has_another_name()
    {
        var before = Samples.Lease(1);
        Assert.Equal(["host1 moved from 10.244.1.0/24 to 10.244.9.0/24"], Texts(Ledger(before), Ledger(before with { Subnets = new LeaseSubnets(Subnet, null) })));
        Assert.Equal(["host1 is now at 192.168.7.8"], Texts(Ledger(before), Ledger(before with { Public = Samples.Public(8) })));
        Assert.Equal(["web was called host1"], Texts(Ledger(before), Ledger(before with { NodeName = "web" })));
        Assert.Equal(["host1 has an underlay of MTU 1400 now, 1500 before"], Texts(Ledger(before with { UnderlayMtu = 1500 }), Ledger(before with { UnderlayMtu = 1400 })));
        // Another release of it says one.
        Assert.Empty(Texts(Ledger(before), Ledger(before with { UnderlayMtu = 1400 })));
        Assert.Empty(Texts(Ledger(before), Ledger(before with { Offers = [] })));
    }

    [Fact]
    public void What_no_lease_shows_is_told_by_the_event()
    {
        var ledger = Ledger(Samples.Lease(1));
        Assert.Equal([" the quarantine of 10.244.9.0/24 is over"], Texts(ledger, ledger, new LeaseEvent.QuarantineOver(Subnet)));
        Assert.Equal(["h9 10.244.9.0/24 is kept for it"], Texts(ledger, ledger, new LeaseEvent.Reserved(Subnet, "h9")));
        Assert.Equal([" 10.244.9.0/24 is no longer reserved"], Texts(ledger, ledger, new LeaseEvent.Unreserved(Subnet)));
    }

    [Fact]
    public void Another_configuration_and_another_allocator_are_news()
    {
        var before = Ledger();
        var after = before with { Network = new NetworkVersion(2, Samples.IPv4Network), Epoch = Guid.NewGuid(), Revision = 7 };
        Assert.Equal([" another allocator has the ledger open (revision 7)", " the network's configuration is now version 2"], Texts(before, after));
    }

    [Fact]
    public void A_snapshot_full_of_news_does_not_fill_the_ring()
    {
        var events = LedgerEvents.Between(Ledger(), new LedgerFollowed(Ledger([.. Enumerable.Range(1, 200).Select(n => Samples.Lease(n))]), null)).ToList();
        Assert.Equal(LedgerEvents.Most + 1, events.Count);
        Assert.Equal($"and {200 - LedgerEvents.Most} more changes of leases", events[^1].Text);
    }

    private static List<string> Texts(HostProtocol.LedgerSeen before, HostProtocol.LedgerSeen now, LeaseEvent? happened = null) =>
        [.. LedgerEvents.Between(before, new LedgerFollowed(now, happened)).Select(item => $"{item.Host} {item.Text}")];

    private static HostProtocol.LedgerSeen Ledger(params Lease[] leases) =>
        new(Epoch, 5, Samples.Version(Samples.IPv4Network), leases.ToImmutableDictionary(lease => lease.Owner));
}
