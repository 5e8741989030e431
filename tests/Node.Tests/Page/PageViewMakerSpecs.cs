using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Page;
using static AkkaOverlay.Node.Tests.Page.PageSamples;

namespace AkkaOverlay.Node.Tests.Page;

public sealed class PageViewMakerSpecs
{
    [Fact]
    public void Hosts_that_are_well_are_shown_with_all_that_is_known_of_them()
    {
        var view = PageViewMaker.Make(Three());
        Assert.Equal(["h1", "h2", "h3"], view.Hosts.Select(host => host.Name));
        Assert.All(view.Hosts, host => Assert.Equal(HostState.Ok, host.State));
        var second = view.Hosts[1];
        Assert.Equal((IdOf(2).ToString(), "10.244.2.0/24", "192.168.7.2", "192.168.7.2:4053", "Up", true, false), (second.Id, second.Subnets.Single(), second.PublicIps.Single(), second.Address, second.Member, second.Core, second.Self));
        Assert.Equal((1.0, "0.1.0", 60.0, new PageTraffic("flannel.1", 60_000, 100, 1, 200, 2)), (second.AgeSeconds, second.Version, second.UpSeconds, second.Traffic));
        Assert.True(view.Hosts[0].Self);
        Assert.Equal(("Up", 3, 3, 1, null), (view.Cluster.State, view.Cluster.Seats, view.Cluster.CoreReached, view.Cluster.Allocator, view.Cluster.AllocatorAnswers));
        Assert.Equal(("10.244.0.0/16", "vxlan", 1450, 7L, true, 2.0), (view.Network!.Networks.Single(), view.Network.BackEnd, view.Network.Mtu, view.Network.Revision, view.Network.Live, view.Network.HeardSeconds));
    }

    [Fact]
    public void Who_reaches_whom_is_a_letter_for_each_way()
    {
        var ways = PageViewMaker.Make(Three()).Ways;
        Assert.Equal([".ap", "l.s", "--."], ways.States);
        Assert.Equal([0, 210, 0], ways.RoundTrips[0]);
        Assert.Equal([300, 0, 0], ways.RoundTrips[1]);
        Assert.Empty(ways.RoundTrips[2]);
    }

    [Fact]
    public void A_host_with_a_lease_that_is_no_member_is_away()
    {
        var facts = Three();
        var view = PageViewMaker.Make(facts with { Cluster = facts.Cluster! with { Members = [Member(1), Member(2)] }, Others = [Seen(2)] });
        Assert.Equal(("h3", HostState.Away, null), (view.Hosts[2].Name, view.Hosts[2].State, view.Hosts[2].Address));
    }

    [Fact]
    public void Without_a_cluster_nobody_s_absence_says_anything()
    {
        var view = PageViewMaker.Make(Three() with { Cluster = null, Others = [] });
        Assert.Equal([HostState.Ok, HostState.Unknown, HostState.Unknown], view.Hosts.Select(host => host.State));
        Assert.Equal(("none", -1), (view.Cluster.State, view.Cluster.Allocator));
    }

    [Theory]
    [InlineData("Up", false, HostState.Unreachable)]
    [InlineData("Joining", true, HostState.Joining)]
    [InlineData("WeaklyUp", true, HostState.Joining)]
    [InlineData("Leaving", true, HostState.Leaving)]
    [InlineData("Exiting", true, HostState.Leaving)]
    [InlineData("Down", true, HostState.Leaving)]
    [InlineData("Down", false, HostState.Unreachable)]
    public void What_the_cluster_says_of_a_host_comes_before_what_the_host_says(string status, bool reachable, string state)
    {
        var facts = Three();
        var view = PageViewMaker.Make(facts with { Cluster = facts.Cluster! with { Members = [Member(1), Member(2), Member(3, status, reachable)] } });
        Assert.Equal(state, view.Hosts[2].State);
    }

    [Fact]
    public void A_host_that_says_what_it_lacks_is_not_ready_and_one_that_says_nothing_is_silent()
    {
        var view = PageViewMaker.Make(Three() with
        {
            Others = [new HostSeen(Address(2), View(2) with { Problem = "tunnels: 1 missing" }, TimeSpan.FromSeconds(1), false), new HostSeen(Address(3), View(3), TimeSpan.FromSeconds(20), true)],
        });
        Assert.Equal((HostState.NotReady, "tunnels: 1 missing"), (view.Hosts[1].State, view.Hosts[1].Problem));
        Assert.Equal((HostState.Silent, 20.0), (view.Hosts[2].State, view.Hosts[2].AgeSeconds));
    }

    [Fact]
    public void A_member_that_never_answered_is_known_by_its_lease_s_address()
    {
        var view = PageViewMaker.Make(Three() with { Others = [Seen(2), new HostSeen(Address(3), null, null, true)] });
        Assert.Equal(("h3", HostState.Silent, "192.168.7.3:4053"), (view.Hosts[2].Name, view.Hosts[2].State, view.Hosts[2].Address));
        Assert.Equal(3, view.Hosts.Count);
    }

    [Fact]
    public void A_member_behind_NAT_is_known_by_its_own_word()
    {
        var facts = Three();
        var leases = facts.Ledger.Leases.SetItem(IdOf(3), Lease(3) with { Public = new HostAddresses(IPAddress.Parse("203.0.113.9"), null) });
        var view = PageViewMaker.Make(facts with { Ledger = facts.Ledger with { Leases = leases } });
        Assert.Equal(3, view.Hosts.Count);
        Assert.Equal(("h3", "203.0.113.9", "192.168.7.3:4053"), (view.Hosts[2].Name, view.Hosts[2].PublicIps.Single(), view.Hosts[2].Address));
    }

    [Fact]
    public void A_member_without_a_lease_comes_last_and_has_no_subnet()
    {
        var facts = Three();
        var view = PageViewMaker.Make(facts with { Cluster = facts.Cluster! with { Members = [.. facts.Cluster.Members, Member(9, "Joining")] } });
        Assert.Equal(("192.168.7.9", HostState.Joining), (view.Hosts[3].Name, view.Hosts[3].State));
        Assert.Empty(view.Hosts[3].Subnets);
    }

    [Fact]
    public void This_host_is_shown_also_before_it_has_anything()
    {
        var facts = Three();
        var view = PageViewMaker.Make(facts with { Cluster = null, Others = [], Own = null, Ledger = LedgerView.Unknown, Status = facts.Status with { Lease = null, Network = null } });
        Assert.Equal("h1", Assert.Single(view.Hosts).Name);
        Assert.Null(view.Network);
        Assert.Empty(view.Pools);
    }

    [Fact]
    public void The_pool_shows_what_is_leased_reserved_and_in_quarantine()
    {
        var view = PageViewMaker.Make(Three() with
        {
            Allocator = new LedgerModel(true, 7,
            [
                Entry("10.244.2.0/24", "held", "h2") with { LastSeenSeconds = 4, Node = IdOf(2).ToString() },
                Entry("10.244.9.0/24", "reserved", "") with { ReservedFor = "db" },
                Entry("10.244.8.0/24", "quarantined", "gone") with { QuarantineLeftSeconds = 90 },
                // This host has heard of the lease of h3 since: the listing is older.
                Entry("10.244.3.0/24", "quarantined", "h3"),
            ]),
            AllocatorAnswers = true,
        });
        var pool = Assert.Single(view.Pools);
        Assert.Equal(("IPv4", 255.0, 3, 1, 1, 250.0), (pool.Family, pool.Count, pool.Leased, pool.Reserved, pool.Quarantined, pool.Free));
        Assert.Equal(
            ["0 held h1", "1 held h2", "2 held h3", "7 quarantined gone", "8 reserved db"],
            pool.Taken.Select(subnet => $"{subnet.Index} {subnet.State} {subnet.Name}"));
        Assert.Equal([0, 1, 2, -1, -1], pool.Taken.Select(subnet => subnet.Host));
        Assert.Equal(90, pool.Taken[3].LeftSeconds);
        Assert.Equal([null, 4.0, null], view.Hosts.Select(host => host.LastSeenSeconds));
    }

    [Fact]
    public void Events_of_all_hosts_come_together_by_age_under_the_hosts_names()
    {
        var facts = Three();
        var repair = new OverlayEvent(4, EventKind.Repair, EventWeight.Warning, "", "put right 1 × route", TimeSpan.FromSeconds(5));
        var view = PageViewMaker.Make(facts with
        {
            Others = [new HostSeen(Address(2), View(2) with { Events = [repair] }, TimeSpan.FromSeconds(2), false), Seen(3)],
            Happened =
            [
                new OverlayEvent(2, EventKind.Member, EventWeight.Normal, "192.168.7.3:4053", "is up", TimeSpan.FromSeconds(6)),
                new OverlayEvent(1, EventKind.Member, EventWeight.Normal, "192.168.7.99:4053", "is no member any more", TimeSpan.FromSeconds(60)),
            ],
        });
        Assert.Equal(
            ["6 h3 is up normal", "7 h2 put right 1 × route warning", "60 192.168.7.99:4053 is no member any more normal"],
            view.Events.Select(happened => $"{happened.AgeSeconds} {happened.Host} {happened.Text} {happened.Weight}"));
        Assert.Equal(3, view.Events.Select(happened => happened.Key).Distinct().Count());
    }

    [Fact]
    public void What_a_stranger_wrote_moves_no_cursor_and_turns_no_text()
    {
        Assert.Equal("a\uFFFDb\uFFFDc\uFFFDd", PageText.Plain("a\u001bb\u202ec\u2028d"));
        Assert.Equal(301, PageText.Plain(new string('x', 9999)).Length);
        Assert.Equal("<b>zażółć & 漢字</b>", PageText.Plain("<b>zażółć & 漢字</b>"));
    }

    [Fact]
    public void Three_hundred_hosts_are_one_small_picture()
    {
        var facts = Three();
        int[] numbers = [.. Enumerable.Range(1, 250)];
        var leases = numbers.ToImmutableDictionary(IdOf, Lease);
        var view = PageViewMaker.Make(facts with
        {
            Ledger = facts.Ledger with { Leases = leases },
            Cluster = facts.Cluster! with { Members = [.. numbers.Select(n => Member(n))] },
            Others = [.. numbers.Skip(1).Select(n => Seen(n, [.. numbers.Where(other => other != n).Select(other => new PeerWay(IdOf(other), WayState.Answers, 200))]))],
        });
        Assert.All(view.Ways.States.Skip(1), row => Assert.Equal(249, row.Count(letter => letter == 'a')));
        int size = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(view, PageJson.Default.PageView).Length;
        Assert.InRange(size, 100_000, 600_000);
    }

    private static LeaseModel Entry(string subnet, string state, string name) => new(subnet, null, "", name, null, null, [], 0) { State = state };
}
