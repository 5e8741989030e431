using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Leases;

public sealed class PoolCountsSpecs
{
    [Fact]
    public void Every_subnet_is_in_one_state_and_together_they_are_the_pool()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(8));
        driver.Grant(1);
        driver.Grant(2);
        driver.Grant(3);
        driver.Expire(2);
        driver.Release(3);
        // Kept for a host that is not there, and for one that holds it: that one is leased.
        driver.Run(new LeaseCommand.Reserve(IpPrefix.Parse("10.9.0.128/28"), "host9"));
        driver.Run(new LeaseCommand.Reserve(IpPrefix.Parse("10.9.0.16/28"), "host1"));
        Assert.Equal(new PoolCounts("ipv4", Free: 5, Leased: 1, Quarantined: 1, Reserved: 1), Assert.Single(PoolCounts.Of(driver.Table)));
    }

    [Fact]
    public void Both_families_are_counted()
    {
        var driver = new LeaseTableDriver(Samples.DualNetwork);
        driver.Run(Samples.Claim(1));
        var counts = PoolCounts.Of(driver.Table);
        Assert.Equal(["ipv4", "ipv6"], counts.Select(count => count.Family));
        Assert.All(counts, count => Assert.Equal(1, count.Leased));
        Assert.Equal((double)driver.Table.Network!.IPv6!.Count - 1, counts[1].Free);
    }

    [Fact]
    public void Before_there_is_a_network_there_is_nothing_to_count() => Assert.Empty(PoolCounts.Of(LeaseTable.Empty));
}
