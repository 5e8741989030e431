using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

public class PresenceSpecs
{
    private static readonly LeaseTimes Times = new(TimeSpan.FromHours(24), TimeSpan.FromHours(1));
    private static readonly IpPrefix First = IpPrefix.Parse("10.9.0.16/28");

    private readonly ManualTime time = new();
    private readonly LeaseTableDriver driver = new(SmallNetworks.IPv4(5));
    private readonly Presence presence;

    public PresenceSpecs() => presence = new Presence(time, Times);

    [Fact]
    public void An_owner_unseen_for_the_whole_ttl_is_due_and_one_that_renewed_is_not()
    {
        Begin(1, 2);
        Pass(TimeSpan.FromHours(23.9));
        presence.Seen(Samples.Node(2));
        Assert.Empty(presence.Due(driver.Table, 100));
        Pass(TimeSpan.FromHours(0.2));
        Assert.Equal([new LeaseCommand.Expire(Samples.Node(1), 2)], presence.Due(driver.Table, 100));
    }

    [Fact]
    public void A_new_allocator_begins_every_ttl_and_every_quarantine_afresh()
    {
        Begin(1, 2);
        driver.Expire(1);
        Pass(TimeSpan.FromHours(30));
        presence.Begin(driver.Table);
        Assert.Empty(presence.Due(driver.Table, 100));
        Assert.Equal(Times.Quarantine, presence.QuarantineLeft(First));
        Assert.Equal(TimeSpan.Zero, presence.Unseen(Samples.Node(2)));
    }

    [Fact]
    public void An_allocator_that_was_suspended_expires_nobody()
    {
        Begin(1);
        time.Advance(TimeSpan.FromDays(7));
        presence.Advance();
        Assert.Empty(presence.Due(driver.Table, 100));
        Assert.Equal(Presence.LongestStep, presence.Unseen(Samples.Node(1)));
    }

    [Fact]
    public void The_time_that_opening_and_writing_take_is_nobody_s_silence()
    {
        driver.Grant(1);
        driver.Grant(2);
        time.Advance(TimeSpan.FromSeconds(8));
        presence.Begin(driver.Table);
        presence.Advance();
        Assert.Equal(TimeSpan.Zero, presence.Unseen(Samples.Node(1)));
        time.Advance(TimeSpan.FromSeconds(7));
        Do(new LeaseCommand.Expire(Samples.Node(1), 2));
        presence.Advance();
        Assert.Equal(Times.Quarantine, presence.QuarantineLeft(First));
    }

    [Fact]
    public void A_quarantine_ends_after_its_time_and_not_before()
    {
        Begin(1);
        Do(new LeaseCommand.Expire(Samples.Node(1), 2));
        Pass(TimeSpan.FromMinutes(59));
        Assert.Empty(presence.Due(driver.Table, 100));
        Assert.Equal(TimeSpan.FromMinutes(1), presence.QuarantineLeft(First));
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([new LeaseCommand.EndQuarantine(First)], presence.Due(driver.Table, 100));
        Do(new LeaseCommand.EndQuarantine(First));
        Assert.Null(presence.QuarantineLeft(First));
        Assert.Empty(presence.Due(driver.Table, 100));
    }

    [Fact]
    public void An_owner_that_took_its_subnet_back_ends_the_quarantine()
    {
        Begin(1);
        Do(new LeaseCommand.Expire(Samples.Node(1), 2));
        Do(Samples.Claim(1));
        Pass(TimeSpan.FromHours(2));
        Assert.Empty(presence.Due(driver.Table, 100));
    }

    [Fact]
    public void A_dry_pool_takes_the_longest_unseen_of_ten_minutes_at_least_and_no_reserved_one()
    {
        Begin(1, 2, 3);
        Do(new LeaseCommand.Reserve(First, "host1"));
        Pass(TimeSpan.FromMinutes(5));
        presence.Seen(Samples.Node(3));
        Pass(TimeSpan.FromMinutes(4));
        Assert.Null(presence.Reclaim(driver.Table, Samples.Node(8)));
        Pass(TimeSpan.FromMinutes(1));
        var expire = presence.Reclaim(driver.Table, Samples.Node(8));
        Assert.Equal(Samples.Node(2), expire?.Owner);
        Do(expire!);
        // One is on its way for the one that waits; a second one that waits is worth another.
        Pass(TimeSpan.FromSeconds(5));
        Assert.Null(presence.Reclaim(driver.Table, Samples.Node(8)));
        Pass(TimeSpan.FromMinutes(10));
        presence.Reclaim(driver.Table, Samples.Node(8));
        Assert.Equal(Samples.Node(3), presence.Reclaim(driver.Table, Samples.Node(9))?.Owner);
        Assert.Equal(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(605), presence.NextFree(driver.Table, ipv4: true));
        Assert.Null(presence.NextFree(driver.Table, ipv4: false));
    }

    [Fact]
    public void A_reserved_lease_never_expires()
    {
        Begin(1);
        Do(new LeaseCommand.Reserve(First, "host1"));
        Pass(TimeSpan.FromHours(100));
        Assert.Empty(presence.Due(driver.Table, 100));
        Do(new LeaseCommand.Unreserve(First));
        Assert.Single(presence.Due(driver.Table, 100));
    }

    private void Begin(params int[] nodes)
    {
        foreach (int node in nodes)
            driver.Grant(node);
        presence.Begin(driver.Table);
    }

    private void Do(LeaseCommand command)
    {
        var before = driver.Table;
        foreach (var happened in driver.Run(command).Events)
            presence.Note(happened, before);
    }

    private void Pass(TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= Presence.LongestStep)
        {
            time.Advance(left < Presence.LongestStep ? left : Presence.LongestStep);
            presence.Advance();
        }
    }
}
