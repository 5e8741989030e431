using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Cluster.Forming;

public class FormationSpecs
{
    private static readonly Guid X = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid Y = Guid.Parse("ffeeddcc-bbaa-9988-7766-554433221100");
    private static readonly LedgerIdentity Quorum = new(LedgerIdentity.Quorum, null);
    private static readonly string[] Three = ["a", "b", "c"];
    private static readonly TimeSpan T0 = TimeSpan.FromSeconds(100);

    [Fact]
    public void One_seed_forms_at_once() =>
        Assert.Equal(new FormationStep.Form(null), (Seat("a", null) with { Seats = ["a"] }).Next(T0).Step);

    [Fact]
    public void Founding_waits_until_all_are_there()
    {
        Assert.IsType<FormationStep.Wait>(Seat("a", null, News("b", null)).Next(T0).Step);
        Assert.IsType<FormationStep.Ask>(Seat("a", null, News("b", null), News("c", null)).Next(T0).Step);
    }

    [Fact]
    public void With_bootstrap_a_majority_founds_whatever_its_address()
    {
        var seat = Seat("b", null, News("a", null)) with { Bootstrap = true };
        Assert.Equal(["a"], Assert.IsType<FormationStep.Ask>(seat.Next(T0).Step).Voters);
        Assert.Contains("b is to form", Assert.IsType<FormationStep.Wait>(Seat("a", null, News("b", null) with { Bootstrap = true }, News("c", null)).Next(T0).Step).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Forming_again_needs_a_majority_of_those_that_have_the_id()
    {
        Assert.IsType<FormationStep.Ask>(Seat("a", X, News("b", X)).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(Seat("a", X, News("b", null)).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(Seat("a", X, News("b", Y)).Next(T0).Step);
        Assert.Contains("no cluster id", Assert.IsType<FormationStep.Wait>(Seat("a", null, News("b", X), News("c", X)).Next(T0).Step).Reason, StringComparison.Ordinal);
    }

    /// <summary>A founder that falls right after it has written the id down leaves the others without it.</summary>
    [Fact]
    public void Where_every_seat_is_there_all_votes_form_again_what_only_some_know()
    {
        var (seat, step) = Seat("b", X, News("a", null), News("c", null)).Next(T0);
        var ask = Assert.IsType<FormationStep.Ask>(step);
        Assert.Equal(["a", "c"], ask.Voters);
        Assert.True(ask.Request.Whole);
        // A majority of the votes is not enough.
        var one = seat.Voted(new("a", ask.Request.Ballot, true, [.. Three]));
        Assert.IsType<FormationStep.Wait>(one.Next(T0).Step);
        Assert.Equal(new FormationStep.Form(X), one.Voted(new("c", ask.Request.Ballot, true, [.. Three])).Next(T0).Step);

        // The blank ones give theirs for that only, and to one with their list.
        Assert.True(Seat("a", null).Asked(ask.Request, T0).Reply.Granted);
        Assert.False(Seat("a", null).Asked(ask.Request with { Whole = false }, T0).Reply.Granted);
        Assert.False(Seat("a", null).Asked(ask.Request with { Seeds = ["a", "b", "d"] }, T0).Reply.Granted);
    }

    [Fact]
    public void All_votes_are_of_one_id_one_list_and_of_seats_that_are_not_up()
    {
        Assert.IsType<FormationStep.Wait>(Seat("b", X, News("a", null), News("c", Y)).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(Seat("b", X, News("a", null), News("c", null) with { Seeds = ["b", "c", "d"] }).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(Seat("b", X, News("a", null), News("c", null) with { Hears = ["a"] }).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(Seat("b", X, News("a", null), Up("c", Y)).Next(T0).Step);
    }

    [Fact]
    public void A_blank_seat_whose_operator_insists_does_not_keep_the_one_that_knows_from_standing() =>
        Assert.IsType<FormationStep.Ask>(Seat("b", X, News("a", null) with { Bootstrap = true }, News("c", null)).Next(T0).Step);

    [Fact]
    public void A_seat_with_another_ledger_is_neither_joined_nor_voted_for_and_both_are_named()
    {
        var sqlite = new LedgerIdentity(LedgerIdentity.Sqlite, null);
        var wait = Assert.IsType<FormationStep.Wait>((Seat("b", null, Up("a", X) with { Ledger = sqlite }, News("c", null)) with { Ledger = Quorum }).Next(T0).Step);
        Assert.True(wait.Refused);
        Assert.Contains("b has --journal quorum, a has --journal sqlite", wait.Reason, StringComparison.Ordinal);
        // Not with --bootstrap either, and not where a majority would do.
        Assert.IsType<FormationStep.Wait>((Seat("b", null, Up("a", X) with { Ledger = sqlite }, News("c", null)) with { Ledger = Quorum, Bootstrap = true }).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>((Seat("a", X, News("b", X), News("c", X) with { Ledger = sqlite }) with { Ledger = Quorum }).Next(T0).Step);
        // But where those who form again have their ledger, and the same.
        var held = Quorum with { Id = Y };
        Assert.Equal(["b"], Assert.IsType<FormationStep.Ask>((Seat("a", X, News("b", X) with { Ledger = held }, News("c", X) with { Ledger = sqlite }) with { Ledger = held }).Next(T0).Step).Voters);
        Assert.IsType<FormationStep.Wait>((Seat("a", X, News("b", X) with { Ledger = Quorum }, News("c", X) with { Ledger = sqlite }) with { Ledger = held }).Next(T0).Step);
        Assert.False((Seat("b", X) with { Ledger = Quorum }).Asked(Request("a", X) with { Ledger = sqlite }, T0).Reply.Granted);
    }

    [Fact]
    public void A_cluster_with_the_same_ledger_is_joined_whatever_a_third_has()
    {
        var seat = Seat("b", X, Up("a", X) with { Ledger = Quorum with { Id = Y } }, News("c", X) with { Ledger = new(LedgerIdentity.Postgres, Y) }) with { Ledger = Quorum };
        Assert.Equal(new FormationStep.Join("a", X), seat.Next(T0).Step);
        // Of the same kind, and another one all the same.
        Assert.IsType<FormationStep.Wait>((seat with { Ledger = Quorum with { Id = X } }).Next(T0).Step);
    }

    [Fact]
    public void An_operator_forms_again_what_a_wiped_majority_forgot() =>
        Assert.IsType<FormationStep.Ask>((Seat("b", X, News("a", null)) with { Bootstrap = true }).Next(T0).Step);

    [Fact]
    public void The_lowest_of_those_that_can_stands() =>
        Assert.Contains("a is to form", Assert.IsType<FormationStep.Wait>(Seat("b", X, News("a", X)).Next(T0).Step).Reason, StringComparison.Ordinal);

    [Fact]
    public void A_wiped_seat_with_the_lowest_address_is_not_waited_for() =>
        Assert.Equal(["c"], Assert.IsType<FormationStep.Ask>(Seat("b", X, News("a", null), News("c", X)).Next(T0).Step).Voters);

    [Fact]
    public void A_seat_that_does_not_hear_this_one_does_not_count() =>
        Assert.IsType<FormationStep.Wait>(Seat("a", X, News("b", X) with { Hears = ["c"] }).Next(T0).Step);

    [Fact]
    public void Old_news_does_not_count() =>
        Assert.IsType<FormationStep.Wait>(Seat("a", X, News("b", X)).Next(T0 + Formation.Fresh + TimeSpan.FromMilliseconds(1)).Step);

    [Fact]
    public void A_cluster_that_is_there_is_joined_by_a_wiped_seat_too()
    {
        Assert.Equal(new FormationStep.Join("b", X), Seat("a", X, Up("b", X), News("c", X)).Next(T0).Step);
        Assert.Equal(new FormationStep.Join("b", X), Seat("a", null, Up("b", X)).Next(T0).Step);
        Assert.Equal(new FormationStep.Join("c", X), Seat("a", X, Up("b", X), Up("c", X) with { CoreMembers = 2 }).Next(T0).Step);
    }

    [Fact]
    public void A_cluster_of_another_id_is_never_joined() => Assert.IsType<FormationStep.Wait>(Seat("a", X, Up("b", Y)).Next(T0).Step);

    [Fact]
    public void A_cluster_that_is_losing_its_core_is_waited_for() =>
        Assert.Contains("losing", Assert.IsType<FormationStep.Wait>(Seat("a", X, Up("b", X) with { Joinable = false }, News("c", X)).Next(T0).Step).Reason, StringComparison.Ordinal);

    [Fact]
    public void Lists_that_differ_do_not_found_and_are_named()
    {
        var wait = Assert.IsType<FormationStep.Wait>(Seat("a", null, News("b", null), News("c", null) with { Seeds = ["a", "c", "d"] }).Next(T0).Step);
        Assert.True(wait.Refused);
        Assert.Contains("a has a, b, c, c has a, c, d", wait.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_list_changes_a_majority_of_each_is_needed()
    {
        EquatableArray<string> five = ["a", "b", "c", "d", "e"];
        Assert.IsType<FormationStep.Wait>(Seat("a", X, News("b", X) with { Seeds = five }).Next(T0).Step);
        Assert.IsType<FormationStep.Ask>(Seat("a", X, News("b", X) with { Seeds = five }, News("c", X)).Next(T0).Step);
    }

    [Fact]
    public void A_candidate_forms_with_the_votes_of_a_majority_and_not_with_old_ones()
    {
        var (seat, step) = Seat("a", X, News("b", X)).Next(T0);
        var request = Assert.IsType<FormationStep.Ask>(step).Request;
        Assert.IsType<FormationStep.Wait>(seat.Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(seat.Voted(new("b", request.Ballot, false, [.. Three])).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(seat.Voted(new("b", request.Ballot - 1, true, [.. Three])).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(seat.Voted(new("c", request.Ballot, true, [.. Three])).Next(T0).Step);
        var voted = seat.Voted(new("b", request.Ballot, true, [.. Three]));
        Assert.Equal(new FormationStep.Form(X), voted.Next(T0).Step);

        var late = T0 + Formation.VoteHolds - Formation.Margin;
        Assert.IsType<FormationStep.Ask>(voted.Hear(News("b", X), late).Next(late).Step);
    }

    [Fact]
    public void A_vote_is_one_candidates_alone_while_it_holds()
    {
        var (seat, reply) = Seat("b", X).Asked(Request("a", X), T0);
        Assert.True(reply.Granted);
        Assert.False(seat.Asked(Request("c", X), T0 + Formation.VoteHolds - TimeSpan.FromMilliseconds(1)).Reply.Granted);
        Assert.True(seat.Asked(Request("a", X), T0 + TimeSpan.FromSeconds(1)).Reply.Granted);
        Assert.True(seat.Asked(Request("c", X), T0 + Formation.VoteHolds).Reply.Granted);
        Assert.Contains("vote is given to a", Assert.IsType<FormationStep.Wait>(seat.Hear(News("c", X) with { Hears = ["b"] }, T0).Next(T0).Step).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vote_is_refused_to_strangers_and_by_members()
    {
        Assert.False(Seat("b", X).Asked(Request("a", Y), T0).Reply.Granted);
        Assert.False(Seat("b", X).Asked(Request("a", null), T0).Reply.Granted);
        Assert.False(Seat("b", null).Asked(Request("a", X), T0).Reply.Granted);
        Assert.True(Seat("b", null).Asked(Request("a", X) with { Bootstrap = true }, T0).Reply.Granted);
        Assert.False(Seat("b", X).Asked(Request("z", X), T0).Reply.Granted);
        Assert.False(Seat("b", null).Asked(Request("a", null) with { Seeds = ["a", "b", "d"] }, T0).Reply.Granted);
        Assert.False((Seat("b", X) with { Decided = true }).Asked(Request("a", X), T0).Reply.Granted);
    }

    [Fact]
    public void A_seat_of_another_network_is_neither_joined_nor_counted_and_is_named()
    {
        var step = Seat("a", null, Up("b", X) with { Network = "red" }, News("c", null)).Next(T0).Step;
        var wait = Assert.IsType<FormationStep.Wait>(step);
        Assert.True(wait.Refused);
        Assert.Equal(
            "b is of network 'red', this host of the default network: they never join each other; give each network's hosts a --seed list of their own, with its own port", wait.Reason);
        Assert.True(NetworkName.TryParse("red", out var red));
        Assert.Equal(new FormationStep.Join("b", X), (Seat("a", null, Up("b", X) with { Network = "red" }) with { Network = red }).Next(T0).Step);
        // A majority goes on without it.
        Assert.IsType<FormationStep.Ask>(Seat("a", X, News("b", X), News("c", X) with { Network = "red" }).Next(T0).Step);
        Assert.IsType<FormationStep.Wait>(Seat("a", X, News("b", X) with { Network = "red" }, News("c", X) with { Network = "red" }).Next(T0).Step);
    }

    private static Formation Seat(string self, Guid? cluster, params NodeProtocol.SeatNews[] around) =>
        around.Aggregate(new Formation { Self = self, Seats = [.. Three], Cluster = cluster }, (seat, news) => seat.Hear(news, T0));

    private static NodeProtocol.SeatNews News(string from, Guid? cluster) => new(from, [.. Three], cluster, false, false, 0, [.. Three], false, true);

    private static NodeProtocol.SeatNews Up(string from, Guid? cluster) => News(from, cluster) with { Up = true, Joinable = true, CoreMembers = 1 };

    private static NodeProtocol.VoteRequest Request(string candidate, Guid? cluster) => new(candidate, 1, cluster, [.. Three], false);
}
