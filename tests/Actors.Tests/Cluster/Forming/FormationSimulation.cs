using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;

namespace AkkaOverlay.Actors.Tests.Cluster.Forming;

/// <summary>Bugs that specs plant, to see that they would be caught.</summary>
internal enum Planted
{
    None,

    /// <summary>A seat's vote ends with its process.</summary>
    ForgetsVote,

    /// <summary>A seat gives its vote to whoever asks.</summary>
    VotesTwice,

    /// <summary>Seats that do not know the cluster count as a part of any majority.</summary>
    BlankMajority,
}

/// <summary>
/// Seats under virtual time with a seeded network that loses, delays, doubles and cuts, and with processes that end and begin again with what is on their disk.
/// Formed clusters stay invisible to the others, which is worse than life: only the votes stand between two founders.
/// </summary>
internal sealed class FormationSimulation
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly Random random;
    private readonly string[] names;
    private readonly Formation[] seats;
    private readonly SeatVote?[] disk;
    private readonly Guid?[] cluster;
    private readonly Planted bug;
    private readonly PriorityQueue<Action, TimeSpan> wire = new();
    private readonly HashSet<(int, int)> cut = [];
    private TimeSpan now = TimeSpan.FromHours(1);

    public FormationSimulation(int seed, Planted bug)
    {
        random = new Random(seed);
        names = [.. Enumerable.Range(0, random.Next(2) == 0 ? 3 : 5).Select(number => $"{(char)('a' + number)}")];
        // All know the cluster, or none, or those who had written it down when the founder fell.
        var id = Guid.NewGuid();
        int kind = random.Next(3);
        cluster = [.. names.Select((_, index) => kind == 0 || (kind == 2 && (index == names.Length - 1 || random.Next(3) == 0)) ? id : (Guid?)null)];
        this.bug = bug;
        disk = new SeatVote?[names.Length];
        seats = [.. names.Select((_, index) => Born(index))];
    }

    /// <summary>When which seat formed a cluster.</summary>
    public List<(TimeSpan At, string Seat)> Formed { get; } = [];

    /// <summary>How many seats had given their vote to each that formed, itself counted, and gave it to nobody else since.</summary>
    public List<int> Votes { get; } = [];

    /// <summary>Nothing is lost, cut or slow, and nobody falls.</summary>
    public bool Calm { get; init; }

    public int Seats => names.Length;

    /// <summary>Some seats have the cluster's id, and too few for a majority.</summary>
    public bool IsMixed => cluster.Count(id => id is not null) is > 0 and var known && known <= names.Length / 2;

    public void Run(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            now += Step;
            Disturb();
            while (wire.TryPeek(out _, out var due) && due <= now)
                wire.Dequeue()();
            for (int from = 0; from < seats.Length; from++)
            {
                for (int to = 0; to < seats.Length; to++)
                    Send(from, to, Hearing(from, to));
                Advance(from);
            }
        }
    }

    private Formation Born(int index) => new()
    {
        Self = names[index],
        Seats = names.ToEquatableArray(),
        Cluster = cluster[index],
        // Blank seats need all seats to found; with this, a majority of them.
        Bootstrap = cluster.All(id => id is null) || bug == Planted.BlankMajority,
        Vote = bug == Planted.ForgetsVote ? null : disk[index],
    };

    private void Disturb()
    {
        if (Calm)
            return;
        if (random.Next(30) == 0)
        {
            cut.Clear();
            for (int links = random.Next(names.Length * names.Length); links > 0; links--)
                cut.Add((random.Next(names.Length), random.Next(names.Length)));
        }
        if (random.Next(25) == 0)
        {
            int index = random.Next(names.Length);
            seats[index] = Born(index);
        }
    }

    private Action Hearing(int from, int to)
    {
        var seat = seats[from];
        var news = new NodeProtocol.SeatNews(
            seat.Self, seat.Seats, seat.Cluster, false, false, 0, seat.Around(now).Select(heard => heard.Address).ToEquatableArray(), seat.Bootstrap, true);
        return () => seats[to] = seats[to].Hear(news, now);
    }

    private void Advance(int index)
    {
        if (seats[index].Decided)
            return;
        var (next, step) = seats[index].Next(now);
        Keep(index, next);
        switch (step)
        {
            case FormationStep.Ask ask:
                foreach (string voter in ask.Voters)
                {
                    int to = Array.IndexOf(names, voter);
                    Send(index, to, () =>
                    {
                        var seat = bug == Planted.VotesTwice ? seats[to] with { Vote = null } : seats[to];
                        var (asked, reply) = seat.Asked(ask.Request, now);
                        Keep(to, asked);
                        Send(to, index, () => seats[index] = seats[index].Voted(reply));
                    });
                }
                break;
            case FormationStep.Form:
                Formed.Add((now, names[index]));
                Votes.Add(disk.Count(vote => vote is { } given && given.Candidate == names[index] && now - given.At < Formation.VoteHolds));
                break;
        }
    }

    private void Keep(int index, Formation next)
    {
        seats[index] = next;
        disk[index] = next.Vote;
    }

    private void Send(int from, int to, Action arrival)
    {
        if (Calm)
        {
            if (from != to)
                wire.Enqueue(arrival, now);
            return;
        }
        for (int copies = random.Next(20) == 0 ? 2 : 1; copies > 0; copies--)
        {
            if (from != to && !cut.Contains((from, to)) && random.Next(10) > 0)
                wire.Enqueue(arrival, now + TimeSpan.FromMilliseconds(random.Next(random.Next(10) == 0 ? 4000 : 300)));
        }
    }
}
