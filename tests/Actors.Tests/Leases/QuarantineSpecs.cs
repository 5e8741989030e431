using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Leases;

public class QuarantineSpecs
{
    private static readonly IpPrefix First = IpPrefix.Parse("10.9.0.16/28");
    private static readonly IpPrefix Second = IpPrefix.Parse("10.9.0.32/28");
    private static readonly IpPrefix Third = IpPrefix.Parse("10.9.0.48/28");

    [Fact]
    public void The_subnet_of_an_expired_lease_is_nobody_else_s_until_its_quarantine_is_over()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(2));
        driver.Grant(1);
        driver.Grant(2);
        driver.Expire(1);
        Assert.False(driver.Table.Leases.ContainsKey(Samples.Node(1)));
        Assert.Equal(
            new LeaseReply.Refused(RefusalReason.OutOfSubnets, "out of subnets: all 2 of 10.9.0.0/24 are held (1 in quarantine)"),
            driver.Run(Samples.Claim(3)).Reply);
        // Nor may a host that says that it held it.
        Assert.IsType<LeaseReply.Refused>(driver.Run(Samples.Claim(3, new HeldLease(new LeaseSubnets(First, null), 2))).Reply);
        driver.Run(new LeaseCommand.EndQuarantine(First));
        Assert.Equal(First, driver.Grant(3).Subnets.IPv4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_owner_gets_it_back_at_once_with_or_without_its_memory(bool remembers)
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var before = driver.Grant(1);
        driver.Expire(1);
        var granted = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(1, remembers ? new HeldLease(before.Subnets, before.Generation) : null)).Reply);
        Assert.Equal((before.Subnets, (string?)null), (granted.Lease.Subnets, granted.Conflict));
        Assert.True(granted.Lease.Generation > before.Generation);
        Assert.Empty(driver.Table.IPv4.Quarantines);
    }

    [Fact]
    public void An_owner_that_comes_back_too_late_gets_another_and_hears_why()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(2));
        var before = driver.Grant(1);
        driver.Grant(2);
        driver.Expire(1);
        driver.Run(new LeaseCommand.EndQuarantine(First));
        driver.Grant(3);
        driver.Release(2);
        var granted = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(1, new HeldLease(before.Subnets, before.Generation))).Reply);
        Assert.Equal(Second, granted.Lease.Subnets.IPv4);
        Assert.Equal($"{First} is held by host3 ({Samples.Node(3)}): this host gets {Second} instead", granted.Conflict);
    }

    [Fact]
    public void A_claim_for_what_is_in_another_s_quarantine_hears_so()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        driver.Expire(1);
        var granted = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(2, new HeldLease(new LeaseSubnets(First, null), 2))).Reply);
        Assert.Equal($"{First} is in quarantine after the lease of host1 ({Samples.Node(1)}): this host gets {Second} instead", granted.Conflict);
    }

    [Fact]
    public void A_reclaimed_subnet_goes_to_the_back_of_the_free_order()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        foreach (int node in (int[])[1, 2, 3])
            driver.Grant(node);
        driver.Expire(1);
        driver.Release(3);
        driver.Run(new LeaseCommand.EndQuarantine(First));
        driver.Release(2);
        Assert.Equal([Third, First, Second], new[] { 4, 5, 6 }.Select(node => driver.Grant(node).Subnets.IPv4!.Value));
    }

    [Fact]
    public void Only_the_hold_that_was_meant_expires()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        long old = driver.Grant(1).Generation;
        driver.Release(1);
        driver.Grant(1);
        Assert.Empty(driver.Run(new LeaseCommand.Expire(Samples.Node(1), old)).Events);
        Assert.Empty(driver.Run(new LeaseCommand.Expire(Samples.Node(2), 1)).Events);
        Assert.Empty(driver.Run(new LeaseCommand.EndQuarantine(First)).Events);
    }

    [Fact]
    public void Both_families_of_a_lease_are_in_quarantine_and_each_ends_by_itself()
    {
        var driver = new LeaseTableDriver(SmallNetworks.Dual(2, 2));
        var subnets = driver.Grant(1).Subnets;
        driver.Expire(1);
        Assert.Equal(subnets.IPv4, Assert.Single(driver.Table.IPv4.Quarantines).Key);
        driver.Run(new LeaseCommand.EndQuarantine(subnets.IPv4!.Value));
        Assert.Empty(driver.Table.IPv4.Quarantines);
        Assert.Equal(subnets.IPv6, Assert.Single(driver.Table.IPv6.Quarantines).Key);
    }

    [Fact]
    public void A_journal_that_breaks_a_quarantine_is_not_read()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        driver.Expire(1);
        Assert.Throws<InvalidOperationException>(() => driver.Table.Apply(new LeaseEvent.Granted(Samples.Lease(2, 4) with { Subnets = new LeaseSubnets(First, null) })));
        Assert.Throws<InvalidOperationException>(() => driver.Table.Apply(new LeaseEvent.QuarantineOver(Second)));
        Assert.Throws<InvalidOperationException>(() => driver.Table.Apply(new LeaseEvent.Expired(Samples.Node(2), 1)));
    }
}
