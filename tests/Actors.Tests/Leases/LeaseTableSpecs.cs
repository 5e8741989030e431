using System.Diagnostics;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Leases;

public class LeaseTableSpecs(ITestOutputHelper output)
{
    private static readonly IpPrefix First = IpPrefix.Parse("10.9.0.16/28");
    private static readonly IpPrefix Second = IpPrefix.Parse("10.9.0.32/28");
    private static readonly IpPrefix Third = IpPrefix.Parse("10.9.0.48/28");

    [Fact]
    public void A_ledger_without_configuration_grants_nothing()
    {
        var (events, reply) = LeaseTable.Empty.Decide(Samples.Claim(1));
        Assert.Empty(events);
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<LeaseReply.Refused>(reply).Reason);
    }

    [Fact]
    public void The_network_is_founded_once()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var (events, reply) = driver.Run(new LeaseCommand.FoundNetwork(SmallNetworks.IPv4(5)));
        Assert.Empty(events);
        Assert.IsType<LeaseReply.Done>(reply);
        Assert.Equal((SmallNetworks.IPv4(3), 1), (driver.Table.Network, driver.Table.NetworkVersion));
    }

    [Fact]
    public void The_first_claim_gets_the_first_subnet_and_its_revision_as_generation()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var lease = driver.Grant(1);
        Assert.Equal(
            new Lease
            {
                Owner = Samples.Node(1),
                NodeName = "host1",
                Subnets = new LeaseSubnets(First, null),
                Generation = 2,
                Public = Samples.Public(1),
                Offers = [Samples.Vxlan(1)],
            },
            lease);
        Assert.Equal(2, driver.Table.Revision);
    }

    [Fact]
    public void An_underlays_mtu_is_in_the_lease_and_another_one_changes_it()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var (_, reply) = driver.Run(Samples.Claim(1) with { UnderlayMtu = 1400 });
        var lease = Assert.IsType<LeaseReply.Granted>(reply).Lease;
        Assert.Equal(1400, lease.UnderlayMtu);
        var (events, _) = driver.Run(Samples.Claim(1) with { UnderlayMtu = 1500 });
        Assert.Equal([new LeaseEvent.Changed(lease with { UnderlayMtu = 1500 })], events.AsEnumerable());
        (events, _) = driver.Run(Samples.Claim(1) with { UnderlayMtu = 1500 });
        Assert.Empty(events);
        // Back with an earlier release, which does not say it.
        (events, _) = driver.Run(Samples.Claim(1));
        Assert.Equal([new LeaseEvent.Changed(lease with { UnderlayMtu = null })], events.AsEnumerable());
    }

    [Fact]
    public void Repeating_a_claim_changes_nothing()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var lease = driver.Grant(1);
        var (events, reply) = driver.Run(Samples.Claim(1, new HeldLease(lease.Subnets, lease.Generation)));
        Assert.Empty(events);
        Assert.Equal(new LeaseReply.Granted(lease, null), reply);
    }

    [Fact]
    public void New_data_keep_subnets_and_generation()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var lease = driver.Grant(1);
        var (events, reply) = driver.Run(Samples.Claim(1) with { NodeName = "renamed", Public = Samples.Public(99), Offers = [new HostGwOffer()] });
        var expected = lease with { NodeName = "renamed", Public = Samples.Public(99), Offers = [new HostGwOffer()] };
        Assert.Equal(new LeaseEvent.Changed(expected), Assert.Single(events));
        Assert.Equal(new LeaseReply.Granted(expected, null), reply);
        Assert.Equal(expected, driver.Table.Leases[Samples.Node(1)]);
    }

    [Fact]
    public void A_held_subnet_that_is_free_is_granted()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var (_, reply) = driver.Run(Samples.Claim(1, new HeldLease(new LeaseSubnets(Third, null), 17)));
        var granted = Assert.IsType<LeaseReply.Granted>(reply);
        Assert.Equal((Third, (string?)null), (granted.Lease.Subnets.IPv4!.Value, granted.Conflict));
        Assert.Equal(driver.Table.Revision, granted.Lease.Generation);
    }

    [Fact]
    public void A_held_subnet_of_another_host_is_a_conflict_that_names_it()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var others = driver.Grant(1);
        var granted = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(2, new HeldLease(new LeaseSubnets(First, null), 2))).Reply);
        Assert.Equal(Second, granted.Lease.Subnets.IPv4);
        Assert.Equal($"10.9.0.16/28 is held by host1 ({Samples.Node(1)}): this host gets 10.9.0.32/28 instead", granted.Conflict);
        Assert.Equal(others, driver.Table.Leases[Samples.Node(1)]);
    }

    [Fact]
    public void A_held_subnet_that_the_network_does_not_have_is_a_conflict()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var granted = Assert.IsType<LeaseReply.Granted>(
            driver.Run(Samples.Claim(2, new HeldLease(new LeaseSubnets(IpPrefix.Parse("172.16.1.0/24"), null), 2))).Reply);
        Assert.Contains("172.16.1.0/24 is no subnet of this network", granted.Conflict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_got_all_it_said_it_held_has_no_conflict_though_it_got_more()
    {
        var driver = new LeaseTableDriver(SmallNetworks.Dual(3, 3));
        var granted = Assert.IsType<LeaseReply.Granted>(driver.Run(Samples.Claim(1, new HeldLease(new LeaseSubnets(Second, null), 2))).Reply);
        Assert.Equal(new LeaseSubnets(Second, IpPrefix.Parse("fd09:0:0:1::/64")), granted.Lease.Subnets);
        Assert.Null(granted.Conflict);
    }

    [Fact]
    public void An_owner_that_remembers_another_subnet_is_told_so()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var lease = driver.Grant(1);
        var (events, reply) = driver.Run(Samples.Claim(1, new HeldLease(new LeaseSubnets(Third, null), 1)));
        Assert.Empty(events);
        var granted = Assert.IsType<LeaseReply.Granted>(reply);
        Assert.Equal(lease, granted.Lease);
        Assert.Contains("10.9.0.48/28", granted.Conflict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_without_free_subnets_refuses()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(2));
        driver.Grant(1);
        driver.Grant(2);
        var (events, reply) = driver.Run(Samples.Claim(3));
        Assert.Empty(events);
        Assert.Equal(new LeaseReply.Refused(RefusalReason.OutOfSubnets, "out of subnets: all 2 of 10.9.0.0/24 are held"), reply);
    }

    [Fact]
    public void A_dual_network_refuses_when_one_family_is_out_and_says_which()
    {
        var driver = new LeaseTableDriver(SmallNetworks.Dual(4, 2));
        driver.Grant(1);
        driver.Grant(2);
        var refused = Assert.IsType<LeaseReply.Refused>(driver.Run(Samples.Claim(3)).Reply);
        Assert.Equal("out of subnets: all 2 of fd09::/56 are held", refused.Text);
    }

    [Fact]
    public void A_released_subnet_waits_for_its_last_owner_while_there_are_fresh_ones()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        driver.Release(1);
        Assert.Equal(Second, driver.Grant(2).Subnets.IPv4);
        var again = driver.Grant(1);
        Assert.Equal(First, again.Subnets.IPv4);
        Assert.Equal(driver.Table.Revision, again.Generation);
    }

    [Fact]
    public void Without_fresh_subnets_the_longest_free_is_given()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        foreach (int node in (int[])[1, 2, 3])
            driver.Grant(node);
        foreach (int node in (int[])[2, 1, 3])
            driver.Release(node);
        Assert.Equal([Second, First, Third], new[] { 4, 5, 6 }.Select(node => driver.Grant(node).Subnets.IPv4!.Value));
    }

    [Fact]
    public void Releasing_twice_or_an_older_hold_is_refused_and_changes_nothing()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var old = driver.Grant(1);
        driver.Release(1);
        var again = driver.Grant(1);
        var (events, reply) = driver.Run(new LeaseCommand.Release(Samples.Node(1), old.Generation));
        Assert.Empty(events);
        Assert.Equal(RefusalReason.NotHeld, Assert.IsType<LeaseReply.Refused>(reply).Reason);
        Assert.Equal(again, driver.Table.Leases[Samples.Node(1)]);
    }

    public static TheoryData<string, LeaseEvent> Contradictions()
    {
        var first = new LeaseSubnets(First, null);
        var hold = Samples.Lease(1, 2) with { Subnets = first };
        return new()
        {
            { "a second lease of one owner", new LeaseEvent.Granted(hold with { Subnets = new LeaseSubnets(Second, null), Generation = 3 }) },
            { "two owners of one subnet", new LeaseEvent.Granted(Samples.Lease(2, 3) with { Subnets = first }) },
            { "an end without a beginning", new LeaseEvent.Released(Samples.Node(2), 2) },
            { "the end of another generation", new LeaseEvent.Released(Samples.Node(1), 1) },
            { "new data of nobody's lease", new LeaseEvent.Changed(Samples.Lease(2, 2)) },
            { "new data with other subnets", new LeaseEvent.Changed(hold with { Subnets = new LeaseSubnets(Second, null) }) },
            { "new data with another generation", new LeaseEvent.Changed(hold with { Generation = 1 }) },
        };
    }

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void A_journal_that_contradicts_itself_is_not_read(string contradiction, LeaseEvent happened)
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        driver.Grant(1);
        Assert.True(Record.Exception(() => driver.Table.Apply(happened)) is InvalidOperationException, contradiction);
    }

    [Fact]
    public void Twenty_thousand_grants_of_a_large_network_take_little_time()
    {
        var driver = new LeaseTableDriver(NetConf.Parse("""{ "Network": "10.0.0.0/8", "SubnetLen": 24, "SubnetMin": "10.0.0.0", "SubnetMax": "10.255.255.0" }"""));
        Assert.Equal((UInt128)65536, driver.Table.Network!.IPv4!.Count);
        var watch = Stopwatch.StartNew();
        for (int node = 1; node <= 20_000; node++)
            driver.Run(Samples.Claim(1) with { Owner = Samples.Node(node) });
        output.WriteLine($"20,000 grants of 65,536 subnets: {watch.ElapsedMilliseconds} ms");
        Assert.Equal(20_000, driver.Table.Leases.Values.Select(lease => lease.Subnets).Distinct().Count());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
    }
}
