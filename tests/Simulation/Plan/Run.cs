using AkkaOverlay.Actors;
using AkkaOverlay.Simulation.Check;
using AkkaOverlay.Simulation.Cluster;
using AkkaOverlay.Simulation.Engine;

namespace AkkaOverlay.Simulation.Plan;

/// <param name="Violation">Null where all was well.</param>
/// <param name="Unsafe">The violation is of what must never happen; else something did not happen in time.</param>
internal sealed record Outcome(Settings Settings, Stats Stats, string? Violation, bool Unsafe);

/// <summary>One seed from its beginning to its end.</summary>
internal static class Run
{
    /// <summary>With everything up and the network fine, all must be well again after so long.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(60);

    public static Outcome Of(Settings settings, Action<string>? trace = null)
    {
        var world = new World(settings, trace);
        string? violation = null;
        bool safe = true;
        try
        {
            Live(world, settings);
        }
        catch (ViolationException e)
        {
            violation = e.Message;
            safe = e is NotWellException;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or NullReferenceException or IndexOutOfRangeException or KeyNotFoundException)
        {
            violation = $"the code under test threw: {e}";
        }
        world.Stats.VirtualTime = world.Timeline.Now;
        return new Outcome(settings, world.Stats, violation is null ? null : $"at {world.Timeline.Now.TotalSeconds:F3} s: {violation}", !safe);
    }

    private static void Live(World world, Settings settings)
    {
        foreach (var node in world.Nodes)
            node.Start();
        foreach (var host in world.Hosts)
            world.Timeline.In(world.Random.Seconds(0, 5), host.Start);
        new Mishaps(world, settings.Chaos).Begin();
        world.Timeline.RunUntil(settings.Chaos, () => false);
        switch (settings.Loss)
        {
            case Loss.None:
                GetWell(world);
                break;
            case Loss.Majority when HasLedger(world):
                LoseMajority(world);
                break;
            case Loss.All or Loss.AllAndTold when HasLedger(world):
                LoseAll(world, settings.Loss == Loss.AllAndTold);
                break;
        }
    }

    private static void GetWell(World world)
    {
        BeCalm(world);
        var began = world.Timeline.Now;
        var limit = began + Calm + (world.LeasesAreShort ? (world.LeaseTimes.Ttl + world.LeaseTimes.Quarantine) * 1.2 : TimeSpan.Zero);
        var wrong = "nothing was looked at";
        for (var next = began; wrong is not null && next <= limit; next += TimeSpan.FromSeconds(0.5))
        {
            world.Timeline.RunUntil(next, () => false);
            wrong = Wellness.WhatIsWrong(world, began);
        }
        if (wrong is not null)
            throw new NotWellException($"not well {(limit - began).TotalSeconds:F0} s after everything was: {wrong}");
        world.Stats.LongestRecovery = world.Timeline.Now - began;
    }

    private static void BeCalm(World world)
    {
        world.Trace("calm");
        world.Network.HealAll();
        world.Network.Weather = NetworkWeather.Fine;
        world.CrashAfterWrite = 0;
        foreach (var node in world.Nodes)
        {
            node.Resume();
            // The operator has written down what is so.
            node.Seeds = world.LatestLog.Roster?.Seats.ToEquatableArray() ?? node.Seeds;
            node.Fsync = 0.003;
            node.Start();
        }
        foreach (var surplus in world.Living.Skip(world.Pool.Count).ToList())
            surplus.Die();
        foreach (var host in world.Living)
            host.Start();
        var oldest = world.Random.Pick(world.Nodes.Where(node => world.LatestLog.IsBlank ? node.Seeds.AsEnumerable().Contains(node.Name) : world.LatestLog.Roster!.Of(node.Name) is not null).ToList());
        foreach (var node in world.Nodes)
            node.Believe(node == oldest);
    }

    /// <summary>False where too little is there to lose.</summary>
    private static bool HasLedger(World world) => world.LatestLog is { IsBlank: false, Former: null } && world.Checker.Moment > 0;

    private static void LoseMajority(World world)
    {
        var roster = world.LatestLog.Roster!;
        var holders = roster.Holders.Where(holder => world.Node(holder.Seat)?.Disk.Store == holder.Store).ToList();
        Lose(world, holders.Skip(roster.Quorum - 1).Select(holder => world.Node(holder.Seat)!));
        BeCalm(world);
        world.Checker.Closed = "a majority of the enrolled disks is lost";
        world.Timeline.RunUntil(world.Timeline.Now + Calm, () => false);
    }

    private static void LoseAll(World world, bool told)
    {
        var seats = world.LatestLog.Roster!.Seats.ToEquatableArray();
        var before = world.Living.ToDictionary(host => host, host => world.Checker.Now(host.Owner.Value).Subnet);
        Lose(world, world.Nodes);
        world.ForgetLedger();
        foreach (var node in world.Nodes)
            (node.Seeds, node.Bootstrap) = (seats, told);
        if (!told)
        {
            BeCalm(world);
            world.Timeline.RunUntil(world.Timeline.Now + Calm, () => false);
            if (world.LatestLog.IsBlank)
                return;
        }
        GetWell(world);
        world.Stats.FoundedAnew++;
        world.Stats.SubnetsLost += world.Living.Count(host => before[host] >= 0 && before[host] != world.Checker.Now(host.Owner.Value).Subnet);
    }

    private static void Lose(World world, IEnumerable<CoreNode> nodes)
    {
        foreach (var node in nodes.ToList())
        {
            world.Stats.Wipes++;
            world.Trace($"{node} loses its disk, and that is too much");
            node.Wipe();
        }
        // What is on its way may still arrive: it was true when it was said. And the operator writes down what he wanted to.
        world.CoreHasPower = false;
        foreach (var node in world.Nodes)
            node.Crash();
        world.Timeline.RunUntil(world.Timeline.Now + TimeSpan.FromSeconds(25), () => false);
        world.CoreHasPower = true;
    }
}
