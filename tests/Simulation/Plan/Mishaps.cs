using AkkaOverlay.Actors;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Simulation.Cluster;
using AkkaOverlay.Simulation.Engine;

namespace AkkaOverlay.Simulation.Plan;

/// <summary>What goes wrong, and when: each seed has its own mixture.</summary>
internal sealed class Mishaps
{
    private const int MostNodes = 8;

    private readonly World world;
    private readonly Prng random;
    private readonly TimeSpan end;
    private readonly List<(double Weight, Action Act)> deck;
    private readonly double pace;

    /// <summary>Leases cannot expire where no allocator is long enough in office.</summary>
    private readonly double patience;

    public Mishaps(World world, TimeSpan end)
    {
        this.world = world;
        this.end = end;
        random = world.Random.Fork();
        pace = random.Pick([0.5, 1.0, 2.0, 4.0]);
        patience = world.LeasesAreShort ? random.Pick([1.0, 4.0, 10.0]) : 1;
        deck =
        [
            (Weight(4 / patience), CrashNode),
            (Weight(0.7 / patience), CrashAll),
            (Weight(3), PauseNode),
            (Weight(3 / patience), WipeNode),
            (Weight(4), Cut),
            (Weight(2), () => world.Network.Weather = NetworkWeather.Random(random)),
            (Weight(1), () => world.Network.Weather = NetworkWeather.Fine),
            (Weight(1), JumpClock),
            (Weight(2), ChangeSeats),
            (Weight(1), () => random.Pick(NodesNow()).Fsync = random.Pick([0.002, 0.02, 0.4])),
            (Weight(3), () => RestartHost(5)),
            (Weight(1), () => OnHost(host => host.Reinstall())),
            (Weight(6), () => OnHost(host => host.Leave(forGood: false))),
            (Weight(world.InOrder || world.LeasesAreShort ? 2 : 0), () => OnHost(host => host.Leave(forGood: true))),
            (Weight(world.LeasesAreShort ? 4 : 0), () => RestartHost(40)),
            (Weight(world.LeasesAreShort ? 1 : 0), () => OnHost(host => host.Die())),
            (Weight(3), () => OnHost(host => host.ChangeAddress())),
        ];
    }

    public void Begin()
    {
        Elect();
        Next();
    }

    private void Next() => world.Timeline.In(random.Seconds(0, 2 / pace), () =>
    {
        if (world.Timeline.Now >= end)
            return;
        Draw()();
        Next();
    });

    private double Weight(double usual) => usual * random.Pick([0, 0.3, 1, 1, 3]);

    private Action Draw()
    {
        double at = random.Fraction() * deck.Sum(card => card.Weight);
        foreach (var (weight, act) in deck)
        {
            at -= weight;
            if (at < 0)
                return act;
        }
        return deck[^1].Act;
    }

    private List<CoreNode> NodesNow() => [.. world.Nodes];

    /// <summary>As bad as Akka's singleton under partitions and pauses, and worse: none, one, or several at once.</summary>
    private void Elect()
    {
        if (world.Timeline.Now >= end)
            return;
        var up = world.Nodes.Where(node => node.Up).ToList();
        int count = random.Pick([0, 1, 1, 1, 1, 1, 2, 3]);
        var oldest = new HashSet<CoreNode>();
        while (oldest.Count < Math.Min(count, up.Count))
            oldest.Add(random.Pick(up));
        foreach (var node in NodesNow())
        {
            if (node.Believes == oldest.Contains(node))
                continue;
            // The news of it comes to everyone at another time.
            world.Timeline.In(random.Pick([TimeSpan.Zero, random.Seconds(0, 1), random.Seconds(0, 6)]), () =>
            {
                if (world.Timeline.Now < end)
                    node.Believe(oldest.Contains(node));
            });
        }
        world.Timeline.In(random.Seconds(2, 15) * patience, Elect);
    }

    private void CrashNode() => world.CrashForAWhile(random.Pick(NodesNow()));

    private void CrashAll()
    {
        foreach (var node in NodesNow())
            world.CrashForAWhile(node);
    }

    private void JumpClock()
    {
        world.Stats.ClockJumps++;
        world.Checker.Jumps++;
        random.Pick(NodesNow()).JumpClock(random.Seconds(0, 20));
    }

    private void PauseNode()
    {
        var node = random.Pick(NodesNow());
        world.Stats.Pauses++;
        world.Trace($"{node} pauses");
        node.Pause();
        world.Timeline.In(random.Seconds(0.2, 12), node.Resume);
    }

    /// <summary>A disk is lost; never so many that a majority of those that count is gone.</summary>
    private void WipeNode()
    {
        var node = random.Pick(NodesNow());
        if (!MayLose(node))
            return;
        world.Stats.Wipes++;
        world.Trace($"{node} loses its disk");
        node.Wipe();
        world.Timeline.In(random.Seconds(0.1, 6), node.Start);
    }

    private bool MayLose(CoreNode node)
    {
        // A ledger that is being founded has nothing to lose yet, but who is to count.
        var opened = world.LatestLog;
        var rosters = world.Nodes.Select(other => other.Disk.Log).Where(log => !log.IsBlank && log.Epoch >= Oldest()).SelectMany(log => log.Deciding).Concat(world.OnTheirWay).Distinct();
        return !opened.IsBlank && rosters.All(roster => roster.CountOf(holder => holder.Seat != node.Name && world.Node(holder.Seat)?.Disk.Store == holder.Store) >= roster.Quorum);

        // Logs of a minority that a majority has left behind decide nothing any more.
        Epoch Oldest() => world.Nodes.Select(other => other.Disk.Log.Epoch).OrderDescending().ElementAt(Math.Min(world.Nodes.Count() - 1, opened.Roster!.Quorum - 1));
    }

    private void Cut()
    {
        IEnumerable<Machine> all = NodesNow();
        var inside = random.Chance(0.4) ? [random.Pick(NodesNow())] : random.Some(all.Concat(world.Hosts), 0.5);
        bool outward = random.Chance(0.75);
        var partition = new Partition([.. inside], outward, !outward || random.Chance(0.6), random.Chance(0.25) ? random.Seconds(0.1, 1) : null);
        world.Stats.Partitions++;
        world.Trace($"cut: {string.Join(" ", inside)}{(partition.Out ? " out" : "")}{(partition.In ? " in" : "")}{(partition.Flaps is null ? "" : " flapping")}");
        world.Network.Cut(partition);
        world.Timeline.In(random.Seconds(0.3, 12), () => world.Network.Heal(partition));
    }

    private void OnHost(Action<Host> act)
    {
        // One stays: without a host nobody asks for anything.
        if (world.Living.Count(host => !host.LeavesForGood) > 1)
            act(random.Pick(world.Living.ToList()));
    }

    /// <param name="most">Seconds that it is away.</param>
    private void RestartHost(double most) => OnHost(host =>
    {
        host.Crash();
        world.Timeline.In(random.Seconds(0.05, most), host.Start);
    });

    /// <summary>The operator takes another seat, two more, or two away.</summary>
    private void ChangeSeats()
    {
        if ((world.Roster ?? world.LatestLog.Roster) is not { } roster || random.Pick(NodesNow()).Allocator is not { IsOpen: true } allocator)
            return;
        var seats = roster.Seats.ToList();
        switch (random.Below(seats.Count == 3 ? 2 : 3))
        {
            case 0:
                if (NewNode() is not { } fresh)
                    return;
                seats[random.Below(seats.Count)] = fresh;
                break;
            case 1 when seats.Count == 3:
                for (int i = 0; i < 2; i++)
                {
                    if (NewNode() is not { } one)
                        return;
                    seats.Add(one);
                }
                break;
            default:
                seats.RemoveAt(random.Below(seats.Count));
                seats.RemoveAt(random.Below(seats.Count));
                break;
        }
        seats.Sort(StringComparer.Ordinal);
        world.Trace($"the operator wants the seats {string.Join(", ", seats)}");
        foreach (string seat in seats)
        {
            if (world.Node(seat) is null)
                world.AddNode(seat, [.. seats]).Start();
        }
        // A disk of the new roster that is lost before it is in office is lost to it all the same.
        world.IsOnItsWay(new Roster(roster.Ledger, [.. seats.Select(seat => roster.Of(seat) ?? new SeatHolder(seat, world.Node(seat)!.Disk.Store))]));
        allocator.ChangeSeats(seats);

        string? NewNode()
        {
            var names = Enumerable.Range(0, MostNodes).Select(World.NameOf).Where(name => !seats.Contains(name)).ToList();
            return names.Count == 0 ? null : random.Pick(names);
        }
    }
}
