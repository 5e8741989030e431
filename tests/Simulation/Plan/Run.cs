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
        if (settings.LoseMajority && LoseMajority(world))
            return;
        BeCalm(world);
        var began = world.Timeline.Now;
        var wrong = "nothing was looked at";
        bool well = false;
        for (var next = began; !well && next <= began + Calm; next += TimeSpan.FromSeconds(0.5))
        {
            world.Timeline.RunUntil(next, () => false);
            wrong = Wellness.WhatIsWrong(world, began);
            well = wrong is null;
        }
        if (!well)
            throw new NotWellException($"not well {Calm.TotalSeconds:F0} s after everything was: {wrong}");
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
        foreach (var host in world.Hosts)
            host.Start();
        var oldest = world.Random.Pick(world.Nodes.Where(node => world.LatestLog.Roster?.Of(node.Name) is not null || world.LatestLog.IsBlank).ToList());
        foreach (var node in world.Nodes)
            node.Believe(node == oldest);
    }

    /// <summary>False where too little was there to lose: then nothing was done.</summary>
    private static bool LoseMajority(World world)
    {
        var log = world.LatestLog;
        if (log.IsBlank || log.Former is not null || world.Checker.Moment == 0)
            return false;
        var holders = log.Roster!.Holders.Where(holder => world.Node(holder.Seat)?.Disk.Store == holder.Store).ToList();
        int left = log.Roster.Quorum - 1;
        foreach (var holder in holders.Skip(left))
        {
            world.Stats.Wipes++;
            world.Trace($"{holder.Seat} loses its disk, and that is one too many");
            world.Node(holder.Seat)!.Wipe();
        }
        // What is on its way may still arrive: it was true when it was said.
        foreach (var node in world.Nodes)
            node.Crash();
        world.Timeline.RunUntil(world.Timeline.Now + TimeSpan.FromSeconds(15), () => false);
        BeCalm(world);
        world.Checker.Closed = "a majority of the enrolled disks is lost";
        world.Timeline.RunUntil(world.Timeline.Now + Calm, () => false);
        return true;
    }
}
