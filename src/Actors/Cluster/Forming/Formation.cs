using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>
/// How a seat of the core comes into a cluster: it joins one that is up, or forms one with the votes of the others. Pure: time comes in with each input.
/// <para>
/// Guaranteed: a seat's vote is one candidate's alone for <see cref="VoteHolds"/> after it was given, over restarts of the process too, and a candidate forms
/// the cluster only with votes that it asked for less than <see cref="VoteHolds"/> - <see cref="Margin"/> ago. So of two candidates, whose
/// majorities share a seat, the second forms <see cref="Margin"/> or more after the first, and had that long to hear that the first is up. Not guaranteed: that a candidate which pauses between decision and act does not form late, nor that seats with
/// lists that differ by more than one majority agree. What is written is safe in either case: the journal's own fence sees to that, and
/// <see cref="ClusterWatch"/> brings islands back.
/// </para>
/// </summary>
public sealed record Formation
{
    /// <summary>How long a seat's news counts after it was heard.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan VoteHolds = TimeSpan.FromSeconds(6);

    /// <summary>A candidate gives its votes up this much earlier than the voters do: long enough for all to hear that it is up.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>A ballot that did not come to enough votes is followed by another.</summary>
    public static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>This seat's Akka address.</summary>
    public required string Self { get; init; }

    /// <summary>The seed list as Akka addresses, this seat's among them.</summary>
    public required EquatableArray<string> Seats { get; init; }

    /// <summary>The id on this host's disk.</summary>
    public Guid? Cluster { get; init; }

    /// <summary>The operator wants a majority of seats to be enough, blank ones too.</summary>
    public bool Bootstrap { get; init; }

    /// <summary>The ledger that this host writes, as far as it is known. A seat with another one is neither joined nor counted.</summary>
    public LedgerIdentity? Ledger { get; init; }

    /// <summary>A seat of another network is neither joined nor counted.</summary>
    public NetworkName Network { get; init; }

    public SeatVote? Vote { get; init; }

    /// <summary>This seat has joined a cluster, or formed one: it votes no more.</summary>
    public bool Decided { get; init; }

    public ImmutableDictionary<string, (NodeProtocol.SeatNews News, TimeSpan At)> Heard { get; init; } =
        ImmutableDictionary<string, (NodeProtocol.SeatNews, TimeSpan)>.Empty;

    private Ballot? Standing { get; init; }

    public Formation Hear(NodeProtocol.SeatNews news, TimeSpan now) => news.Address == Self ? this : this with { Heard = Heard.SetItem(news.Address, (news, now)) };

    /// <summary>The seats, of this host's list or another's, that were heard lately.</summary>
    public IEnumerable<NodeProtocol.SeatNews> Around(TimeSpan now) =>
        Heard.Values.Where(heard => now - heard.At <= Fresh).Select(heard => heard.News).OrderBy(news => news.Address, StringComparer.Ordinal);

    /// <summary>Another seat asks for this one's vote.</summary>
    public (Formation Next, NodeProtocol.Vote Reply) Asked(NodeProtocol.VoteRequest request, TimeSpan now)
    {
        bool granted = !Decided && Seats.Contains(request.Candidate) && Agrees(request) && Free(request.Candidate, now);
        var next = granted ? this with { Vote = new SeatVote(request.Candidate, now) } : this;
        return (next, new NodeProtocol.Vote(Self, request.Ballot, granted, Seats));
    }

    public Formation Voted(NodeProtocol.Vote vote) =>
        vote.Granted && Standing is { } standing && standing.Number == vote.Ballot && standing.Asked.Contains(vote.Voter)
            ? this with { Standing = standing with { Votes = standing.Votes.SetItem(vote.Voter, vote.Seeds) } }
            : this;

    public (Formation Next, FormationStep Step) Next(TimeSpan now)
    {
        if (Seats.Count == 1)
            return (this with { Decided = true }, new FormationStep.Form(Cluster));
        var seats = Around(now).Where(news => Seats.Contains(news.Address)).ToList();
        var around = seats.Where(news => news.Network == Network.Text).ToList();
        if (seats.Count > around.Count)
            return NextAmid(seats.First(news => news.Network != Network.Text), around, now);
        return NextAmong(around, now);
    }

    /// <summary>A majority of the own network goes on without the stranger; nothing is founded beside it.</summary>
    private (Formation Next, FormationStep Step) NextAmid(NodeProtocol.SeatNews stranger, List<NodeProtocol.SeatNews> around, TimeSpan now) =>
        NextAmong(around, now) is var (next, step) && step is FormationStep.Wait ? (next, new FormationStep.Wait(OtherNetwork(Name(stranger.Address), stranger.Network, Network), Refused: true)) : (next, step);

    /// <summary>What an operator must know of a host of another network that is in a seed list.</summary>
    public static string OtherNetwork(string other, string theirs, NetworkName mine) =>
        $"{other} is of {(NetworkName.TryParse(theirs, out var name) || theirs.Length == 0 ? name.ToString() : "a network without a proper name")}, this host of {mine}: they never join each other; give each network's hosts a --seed list of their own, with its own port";

    private (Formation Next, FormationStep Step) NextAmong(List<NodeProtocol.SeatNews> around, TimeSpan now)
    {
        var strangers = around.Where(news => LedgerIdentity.Differ(Ledger, news.Ledger)).ToList();
        if (Seen(around.Except(strangers)) is { } seen)
            return (this with { Decided = seen is FormationStep.Join }, seen);
        // Those who have one and the same ledger form again without a host that has another one; nobody founds beside it.
        if (strangers.Count > 0)
            around = Cluster is not null && Ledger is { Id: not null } ? [.. around.Where(news => news.Ledger == Ledger)] : [];
        var (electorate, obstacle) = ElectorateOf(around);
        if (obstacle is not null)
            return (this with { Standing = null }, strangers.Count > 0 ? new FormationStep.Wait(Difference(strangers[0]), Refused: true) : obstacle);
        if (First(electorate.Seats) is var first && first != Self)
            return (this with { Standing = null }, new FormationStep.Wait($"{Name(first)} is to form the cluster"));
        return Stand(electorate, now);
    }

    /// <summary>What an operator must know of two hosts with different ledgers.</summary>
    public string Difference(NodeProtocol.SeatNews other) =>
        $"the ledgers differ: {Name(Self)} has {Ledger}, {Name(other.Address)} has {other.Ledger}; they never join each other, for each would hand out the same subnets; {LedgerIdentity.Advice(Ledger!, other.Ledger!)}";

    /// <summary>Somebody is in a cluster already.</summary>
    private FormationStep? Seen(IEnumerable<NodeProtocol.SeatNews> around)
    {
        var ups = around.Where(news => news.Up && !Foreign(news)).ToList();
        if (ups.Where(news => news.Joinable).OrderByDescending(news => news.CoreMembers).FirstOrDefault() is { } best)
            return new FormationStep.Join(best.Address, best.Cluster);
        return ups.Count > 0 ? new FormationStep.Wait($"{Name(ups[0].Address)} is losing the majority of its core") : null;
    }

    /// <summary>The other seats with which this one may form the cluster, or what stands in the way.</summary>
    private (Electorate Electorate, FormationStep.Wait? Obstacle) ElectorateOf(List<NodeProtocol.SeatNews> around)
    {
        // A seat counts that hears this one: what is heard one way only cannot vote.
        var mutual = around.Where(news => !news.Up && news.Hears.Contains(Self)).ToList();
        bool whole = mutual.Count == Seats.Count - 1 && mutual.TrueForAll(news => news.Seeds == Seats);
        if (Cluster is { } id)
        {
            var same = mutual.Where(news => news.Cluster == id || (Bootstrap && news.Cluster is null)).ToList();
            if (IsMajority([Self, .. same.Select(news => news.Address)], [Seats, .. same.Select(news => news.Seeds)]))
                return (new Electorate(same, false), null);
            // Nobody can be elsewhere when everybody is here. So a founder that fell before the others had written the id down shuts out nobody.
            return whole && mutual.TrueForAll(news => news.Cluster is null || news.Cluster == id)
                ? (new Electorate(mutual, true), null)
                : (new Electorate(same, false), new FormationStep.Wait($"a majority of the seeds that know the cluster, or all seeds, must be there to form it again; this host is with {Names(mutual)}"));
        }
        if (around.FirstOrDefault(news => news.Cluster is not null) is { } knows)
            return (Electorate.Nobody, new FormationStep.Wait($"this host has no cluster id, {Name(knows.Address)} has one: a majority of the hosts that have it must form the cluster first, or all seeds be there"));
        if (around.FirstOrDefault(news => news.Seeds != Seats) is { } differs)
        {
            return (Electorate.Nobody, new FormationStep.Wait(
                $"the seed lists differ: {Name(Self)} has {Names(Seats)}, {Name(differs.Address)} has {Names(differs.Seeds)}; give every host the same list", Refused: true));
        }
        if (whole || (Bootstrap && mutual.Count + 1 >= Majority(Seats)))
            return (new Electorate(mutual, !Bootstrap), null);
        return (new Electorate(mutual, false), new FormationStep.Wait(
            $"all seeds must be there to found the cluster (or --bootstrap on one): not heard of {Names(Seats.Except([Self, .. mutual.Select(news => news.Address)]))}"));
    }

    /// <summary>Who stands: the lowest address, of those whose operator insists where there are any.</summary>
    private string First(IReadOnlyCollection<NodeProtocol.SeatNews> electorate)
    {
        // A blank seat cannot form again what it does not know.
        var able = electorate.Where(news => news.Cluster == Cluster).ToList();
        var insisting = able.Where(news => news.Bootstrap).Select(news => news.Address).Concat(Bootstrap ? [Self] : []).ToList();
        return (insisting.Count > 0 ? insisting : able.Select(news => news.Address).Append(Self)).Min(StringComparer.Ordinal)!;
    }

    private (Formation Next, FormationStep Step) Stand(Electorate electorate, TimeSpan now)
    {
        if (!Free(Self, now))
            return (this with { Standing = null }, new FormationStep.Wait($"this host's vote is given to {(Vote!.Candidate.Length > 0 ? Name(Vote.Candidate) : "another")}"));
        if (Standing is { } standing && Suffices(standing) && now - standing.At < VoteHolds - Margin)
            return (this with { Decided = true }, new FormationStep.Form(Cluster));
        if (Standing is { } open && now - open.At < AskAgain)
            return (this, new FormationStep.Wait("asked for votes"));
        var voters = electorate.Seats.Select(news => news.Address).ToEquatableArray();
        // Numbers of an earlier life of this process must not come again: its votes may still be under way.
        var ballot = new Ballot(now.Ticks, now, voters, electorate.Whole, ImmutableDictionary<string, EquatableArray<string>>.Empty);
        return (
            this with { Standing = ballot, Vote = new SeatVote(Self, now) },
            new FormationStep.Ask(new NodeProtocol.VoteRequest(Self, ballot.Number, Cluster, Seats, Bootstrap, ballot.Whole, Ledger), voters));
    }

    private bool Suffices(Ballot ballot)
    {
        List<string> voters = [Self, .. ballot.Votes.Keys];
        return ballot.Whole ? Seats.All(voters.Contains) : IsMajority(voters, [Seats, .. ballot.Votes.Values]);
    }

    private bool Agrees(NodeProtocol.VoteRequest request) => !LedgerIdentity.Differ(Ledger, request.Ledger) && (Cluster, request.Cluster) switch
    {
        (null, null) => request.Seeds == Seats,
        ({ } mine, { } theirs) => mine == theirs,
        (null, not null) => request.Bootstrap || (request.Whole && request.Seeds == Seats),
        _ => false,
    };

    private bool Free(string candidate, TimeSpan now) => Vote is null || Vote.Candidate == candidate || now - Vote.At >= VoteHolds;

    private bool Foreign(NodeProtocol.SeatNews news) => Cluster is { } mine && news.Cluster is { } theirs && mine != theirs;

    /// <summary>By the list of each of them: while a list is changed, a majority of one is none of the other.</summary>
    private static bool IsMajority(IReadOnlyCollection<string> voters, IEnumerable<EquatableArray<string>> lists) =>
        lists.Distinct().All(list => list.Count(voters.Contains) >= Majority(list));

    private static int Majority(EquatableArray<string> list) => (list.Count / 2) + 1;

    private static string Name(string address) => address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..];

    private static string Names(IEnumerable<NodeProtocol.SeatNews> seats) => Names(seats.Select(news => news.Address));

    internal static string Names(IEnumerable<string> addresses) => addresses.Select(Name).ToList() is { Count: > 0 } names ? string.Join(", ", names) : "nobody";

    /// <param name="Whole">All of them must vote: together with this seat they are the whole list.</param>
    private sealed record Electorate(IReadOnlyCollection<NodeProtocol.SeatNews> Seats, bool Whole)
    {
        public static readonly Electorate Nobody = new([], false);
    }

    private sealed record Ballot(long Number, TimeSpan At, EquatableArray<string> Asked, bool Whole, ImmutableDictionary<string, EquatableArray<string>> Votes);
}
