using System.Collections.Immutable;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Downing;

namespace AkkaOverlay.Actors.Tests.Cluster.Downing;

public class CoreDowningSpecs
{
    private static readonly DowningTimes Times = new();
    private static readonly DowningDecision Nothing = DowningDecision.Nothing.Instance;

    // Core members 1 to 3 (or 5), plain members from 11 on; the lower the number, the lower the address.
    private const int Plain = 11;

    [Fact]
    public void A_whole_core_changes_nothing() => Assert.Equal(Nothing, Decide(Core(1, 3, "12 13 23")));

    [Fact]
    public void One_that_nobody_reaches_is_put_out_by_the_lowest_once_the_picture_rests()
    {
        Assert.Equal(Down(3), Decide(Core(1, 3, "12", silent: [3])));
        Assert.Equal(Nothing, Decide(Core(1, 3, "12", silent: [3]) with { StableFor = TimeSpan.FromSeconds(3.9) }));
        Assert.Equal(Nothing, Decide(Core(2, 3, "12", silent: [3])));
        Assert.Equal(Down(1), Decide(Core(2, 3, "23", silent: [1])));
    }

    [Fact]
    public void The_next_acts_should_the_lowest_not() =>
        Assert.Equal(Down(3), Decide(Core(2, 3, "12", silent: [3]) with { StableFor = TimeSpan.FromSeconds(8) }));

    [Fact]
    public void A_picture_that_never_rests_is_acted_on_in_the_end() =>
        Assert.Equal(Down(3), Decide(Core(1, 3, "12", silent: [3]) with { StableFor = TimeSpan.Zero, TornFor = TimeSpan.FromSeconds(20) }));

    [Fact]
    public void A_process_that_has_ended_is_not_waited_for()
    {
        var picture = Core(1, 3, "12", silent: [3]) with { StableFor = TimeSpan.Zero, Refused = [3] };
        Assert.Equal(Down(3), Decide(picture));
        // Somebody has its heartbeats: a firewall refuses, not the process.
        Assert.Equal(Nothing, Decide(Core(1, 3, "12 23") with { StableFor = TimeSpan.Zero, Refused = [3] }));
        Assert.Equal(Nothing, Decide(picture with { Self = 2 }));
    }

    [Fact]
    public void A_minority_puts_itself_out()
    {
        Assert.IsType<DowningDecision.DownSelf>(Decide(Core(3, 3, "", silent: [1, 2])));
        Assert.Equal(Nothing, Decide(Core(3, 3, "", silent: [1, 2]) with { StableFor = TimeSpan.FromSeconds(3.9) }));
        Assert.IsType<DowningDecision.DownSelf>(Decide(Core(1, 5, "12", silent: [3, 4, 5])));
        // Refusals do not hurry the end of a cluster.
        Assert.Equal(Nothing, Decide(Core(3, 3, "", silent: [1, 2]) with { StableFor = TimeSpan.Zero, Refused = [1, 2] }));
    }

    [Fact]
    public void A_core_that_became_small_in_good_order_stays() => Assert.Equal(Nothing, Decide(Core(1, 1, "") with { Quorum = 2 }));

    /// <summary>One link of three is cut: all three have the same picture, and one host goes, not two.</summary>
    [Theory]
    [InlineData("13 23", 1, 2)]
    [InlineData("12 23", 1, 3)]
    [InlineData("12 13", 1, 3)]
    public void One_link_that_is_cut_costs_one_host(string edges, int leader, int victim)
    {
        Assert.Equal(Down(victim), Decide(Core(leader, 3, edges)));
        foreach (int other in Enumerable.Range(1, 3).Where(other => other != leader))
            Assert.Equal(Nothing, Decide(Core(other, 3, edges)));
        Assert.IsType<DowningDecision.DownSelf>(Decide(Core(victim, 3, edges) with { StableFor = TimeSpan.FromSeconds(12) }));
    }

    [Fact]
    public void Heartbeats_one_way_are_no_edge()
    {
        var picture = Core(1, 3, "12 13 23");
        picture = picture with { Views = picture.Views.SetItem(3, picture.Views[3] with { Reaches = [2] }) };
        Assert.Equal(Down(3), Decide(picture));
    }

    [Fact]
    public void More_core_members_than_the_seed_list_down_nobody() => Assert.Equal(Nothing, Decide(Core(1, 5, "12 13 14 15 23 24 25 34 35 45") with { Quorum = 2 }));

    [Fact]
    public void The_largest_set_stays_whoever_is_the_lowest() => Assert.Equal(Down(1, 2), Decide(Core(3, 5, "12 34 35 45")));

    [Fact]
    public void A_plain_host_that_the_core_misses_is_put_out_after_its_time()
    {
        Assert.Equal(Down(Plain), Decide(Lost(Core(1, 3, "12 13 23"), viewer: 2, seconds: 4)));
        Assert.Equal(Nothing, Decide(Lost(Core(1, 3, "12 13 23"), viewer: 2, seconds: 3.9)));
        Assert.Equal(Nothing, Decide(Lost(Core(2, 3, "12 13 23"), viewer: 2, seconds: 4)));
        Assert.Equal(Down(Plain), Decide(Lost(Core(2, 3, "12 13 23"), viewer: 2, seconds: 8)));
    }

    [Fact]
    public void What_plain_hosts_miss_counts_nowhere()
    {
        Assert.Equal(Nothing, Decide(Lost(Core(1, 3, "12 13 23"), viewer: Plain + 1, seconds: 60)));
        // Nor does a plain host's word against a core host.
        var picture = Core(1, 3, "12 13 23");
        picture = picture with
        {
            Views = picture.Views.Add(Plain, new NodeProtocol.CoreView(Plain, 1, [], [1, 2, 3])),
            Lost = picture.Lost.Add((Plain, 3), TimeSpan.FromMinutes(1)),
        };
        Assert.Equal(Nothing, Decide(picture));
    }

    [Fact]
    public void What_a_core_host_misses_that_is_itself_cut_off_does_not_count() =>
        Assert.Equal(Down(3), Decide(Lost(Core(1, 3, "12 23"), viewer: 3, seconds: 60)));

    [Fact]
    public void A_host_that_exits_is_left_to_the_cluster_for_a_while()
    {
        var picture = Core(1, 3, "12 13 23");
        picture = picture with { Members = picture.Members.Add(new SeenMember("m99", 99, Votes: false, Exits: true)), Lost = picture.Lost.Add((1, 99), TimeSpan.FromSeconds(8)) };
        Assert.Equal(Nothing, Decide(picture));
        Assert.Equal(Down(99), Decide(picture with { Lost = picture.Lost.SetItem((1, 99), TimeSpan.FromSeconds(16)) }));
    }

    [Fact]
    public void A_newcomer_to_a_core_that_is_gone_gives_up()
    {
        var picture = Core(4, 3, "", silent: [1, 2, 3]);
        picture = picture with { Members = picture.Members.Add(new SeenMember("m04", 4, Votes: false)) };
        Assert.Equal(Nothing, Decide(picture));
        Assert.IsType<DowningDecision.DownSelf>(Decide(picture with { StableFor = TimeSpan.FromSeconds(12) }));
    }

    private static DowningDecision Decide(CorePicture picture) => CoreDowning.Decide(picture, Times);

    private static DowningDecision Down(params int[] members) => new DowningDecision.Down([.. members]);

    /// <param name="edges">Pairs that have each other's heartbeats.</param>
    /// <param name="silent">Members whose views are not heard.</param>
    private static CorePicture Core(int self, int count, string edges, params int[] silent)
    {
        var pairs = edges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => (One: pair[0] - '0', Other: pair[1] - '0')).ToList();
        var core = Enumerable.Range(1, count).ToList();
        return new CorePicture(
            self,
            (count / 2) + 1,
            [.. core.Select(uid => Member(uid, votes: true)), Member(Plain, votes: false), Member(Plain + 1, votes: false)],
            core.Except(silent).ToImmutableDictionary(uid => uid, uid => new NodeProtocol.CoreView(uid, 1, core.Where(other => pairs.Contains((uid, other)) || pairs.Contains((other, uid))).ToEquatableArray(), [])),
            [],
            ImmutableDictionary<(int, int), TimeSpan>.Empty,
            StableFor: Times.StableAfter,
            TornFor: Times.StableAfter);
    }

    private static SeenMember Member(int uid, bool votes) => new($"m{uid:00}", uid, votes);

    private static CorePicture Lost(CorePicture picture, int viewer, double seconds) =>
        picture with { Lost = picture.Lost.Add((viewer, Plain), TimeSpan.FromSeconds(seconds)) };
}
