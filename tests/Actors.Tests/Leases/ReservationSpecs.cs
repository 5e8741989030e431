using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Leases;

public class ReservationSpecs
{
    private static readonly IpPrefix First = IpPrefix.Parse("10.9.0.16/28");
    private static readonly IpPrefix Second = IpPrefix.Parse("10.9.0.32/28");
    private static readonly IpPrefix Third = IpPrefix.Parse("10.9.0.48/28");

    [Fact]
    public void A_reserved_subnet_goes_to_the_host_of_that_name_and_to_nobody_else()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        Assert.Equal($"{First} is reserved for HOST2", Done(driver, First, "HOST2"));
        var wished = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(1, new HeldLease(new LeaseSubnets(First, null), 9))).Reply);
        Assert.Equal((Second, $"{First} is reserved for HOST2: this host gets {Second} instead"), (wished.Lease.Subnets.IPv4!.Value, wished.Conflict));
        Assert.Equal(Third, driver.Grant(3).Subnets.IPv4);
        Assert.Equal("out of subnets: all 3 of 10.9.0.0/24 are held (1 reserved)", Assert.IsType<LeaseReply.Refused>(driver.Run(Samples.Claim(4)).Reply).Text);
        Assert.Equal(First, driver.Grant(2).Subnets.IPv4);
        // Given back, it is still nobody else's.
        driver.Release(2);
        Assert.IsType<LeaseReply.Refused>(driver.Run(Samples.Claim(4)).Reply);
        Assert.Equal(First, driver.Grant(2).Subnets.IPv4);
    }

    [Fact]
    public void The_reservation_is_before_what_the_host_remembers()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        Done(driver, Third, "host1");
        var granted = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(1, new HeldLease(new LeaseSubnets(First, null), 9))).Reply);
        Assert.Equal((Third, $"another subnet than {First} is reserved for host1: this host gets {Third} instead"), (granted.Lease.Subnets.IPv4!.Value, granted.Conflict));
    }

    [Fact]
    public void What_another_host_holds_is_refused_and_what_the_named_one_holds_is_pinned()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var lease = driver.Grant(1);
        Assert.Equal($"{First} is held by host1 ({Samples.Node(1)}): it can be reserved for another host when that lease has ended", Denied(driver, First, "host2"));
        Assert.Equal($"{First} is reserved for host1, which holds it and keeps it", Done(driver, First, "host1"));
        Assert.True(driver.Table.IsPinned(lease));
        Assert.Empty(driver.Run(new LeaseCommand.Expire(lease.Owner, lease.Generation)).Events);
        driver.Run(new LeaseCommand.Unreserve(First));
        Assert.Single(driver.Run(new LeaseCommand.Expire(lease.Owner, lease.Generation)).Events);
    }

    [Fact]
    public void A_host_with_another_lease_keeps_it_until_it_releases_it()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        Assert.StartsWith($"{Third} is reserved for host1; it holds {First} and keeps that until it releases it", Done(driver, Third, "host1"), StringComparison.Ordinal);
        Assert.Equal(First, driver.Grant(1).Subnets.IPv4);
        driver.Release(1);
        Assert.Equal(Third, driver.Grant(1).Subnets.IPv4);
    }

    [Fact]
    public void Reserving_again_changes_nothing_and_reserving_for_two_is_refused()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        Done(driver, First, "host1");
        Assert.Empty(driver.Run(new LeaseCommand.Reserve(First, "host1")).Events);
        Assert.Equal($"{First} is reserved for host1: unreserve it first", Denied(driver, First, "host2"));
        Assert.Equal($"{First} is reserved for host1: unreserve it first", Denied(driver, Second, "host1"));
    }

    [Theory]
    [InlineData("10.9.0.0/28", "10.9.0.0/28 is no subnet of this network: it leases /28s from 10.9.0.16/28 to 10.9.0.48/28")]
    [InlineData("10.9.0.64/28", "10.9.0.64/28 is no subnet of this network")]
    [InlineData("10.9.0.16/29", "10.9.0.16/29 is no subnet of this network")]
    [InlineData("172.16.0.0/28", "172.16.0.0/28 is no subnet of this network")]
    [InlineData("fd09::/64", "fd09::/64: this network has no IPv6")]
    public void A_subnet_that_the_network_does_not_have_is_refused(string subnet, string text)
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        Assert.StartsWith(text, Denied(driver, IpPrefix.Parse(subnet), "host1"), StringComparison.Ordinal);
        Assert.StartsWith(text, Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.Unreserve(IpPrefix.Parse(subnet))).Reply).Text, StringComparison.Ordinal);
        Assert.Equal(1, driver.Table.Revision);
    }

    [Fact]
    public void What_is_no_longer_reserved_goes_to_the_back_of_the_free_order()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        Done(driver, First, "host9");
        driver.Run(new LeaseCommand.Unreserve(First));
        Assert.Equal($"{First} is not reserved", Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.Unreserve(First)).Reply).Text);
        Assert.Equal([Second, Third, First], new[] { 4, 5, 6 }.Select(node => driver.Grant(node).Subnets.IPv4!.Value));
    }

    [Fact]
    public void A_quarantined_subnet_can_be_reserved_but_is_the_named_host_s_only_afterwards()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        driver.Expire(1);
        Assert.Contains("in quarantine after the lease of host1", Done(driver, First, "host2"), StringComparison.Ordinal);
        Assert.Equal(Second, driver.Grant(2).Subnets.IPv4);
        driver.Release(2);
        driver.Run(new LeaseCommand.EndQuarantine(First));
        Assert.Equal(First, driver.Grant(2).Subnets.IPv4);
        // The former owner gets another.
        Assert.Equal(Third, driver.Grant(1).Subnets.IPv4);
    }

    [Fact]
    public void One_prefix_of_either_family_is_reserved_and_the_other_is_given_as_ever()
    {
        var driver = new LeaseTableDriver(SmallNetworks.Dual(3, 3));
        var third = IpPrefix.Parse("fd09:0:0:3::/64");
        Done(driver, third, "host1");
        Assert.Equal(new LeaseSubnets(First, third), driver.Grant(1).Subnets);
        Assert.Equal(new LeaseSubnets(Second, IpPrefix.Parse("fd09:0:0:1::/64")), driver.Grant(2).Subnets);
    }

    [Fact]
    public void A_journal_with_contradicting_reservations_is_not_read()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        Done(driver, First, "host1");
        Assert.Throws<InvalidOperationException>(() => driver.Table.Apply(new LeaseEvent.Reserved(First, "host2")));
        Assert.Throws<InvalidOperationException>(() => driver.Table.Apply(new LeaseEvent.Reserved(Second, "Host1")));
        Assert.Throws<InvalidOperationException>(() => driver.Table.Apply(new LeaseEvent.Unreserved(Second)));
    }

    private static string Done(LeaseTableDriver driver, IpPrefix subnet, string host) =>
        Assert.IsType<LeaseReply.Done>(driver.Run(new LeaseCommand.Reserve(subnet, host)).Reply).Text;

    private static string Denied(LeaseTableDriver driver, IpPrefix subnet, string host)
    {
        var (events, reply) = driver.Run(new LeaseCommand.Reserve(subnet, host));
        Assert.Empty(events);
        var refused = Assert.IsType<LeaseReply.Refused>(reply);
        Assert.Equal(RefusalReason.Denied, refused.Reason);
        return refused.Text;
    }
}
