using AkkaOverlay.Simulation.Check;
using AkkaOverlay.Simulation.Cluster;

namespace AkkaOverlay.Simulation.Plan;

/// <summary>Whether everybody has what it should, once nothing goes wrong any more.</summary>
internal static class Wellness
{
    /// <param name="since">The calm began.</param>
    public static string? WhatIsWrong(World world, TimeSpan since)
    {
        if (world.Living.FirstOrDefault(host => host.LastGranted < since) is { } without)
            return $"{without} has no lease; allocators: {Allocators(world)}";
        if (world.Living.FirstOrDefault(host => !host.Follows(world.Checker.Moment)) is { } behind)
            return $"{behind} does not follow the ledger to {world.Checker.Moment}";
        if (world.Hosts.Find(host => host.Gone && world.Checker.Now(host.Owner.Value) != Hold.Nothing) is { } gone)
            return $"{gone} has gone for good, and the ledger has {world.Checker.Now(gone.Owner.Value)} for it";
        var log = world.LatestLog;
        foreach (var holder in log.Roster!.Holders)
        {
            var disk = world.Node(holder.Seat)!.Disk;
            if (disk.Store != holder.Store)
                return $"{holder.Seat} is not enrolled";
            if (disk.Log.Epoch != log.Epoch || disk.Log.LastSeq != world.Checker.Moment)
                return $"{holder.Seat} has the log to {disk.Log.LastSeq} of epoch {disk.Log.Epoch}; the ledger is at {world.Checker.Moment} of epoch {log.Epoch}";
        }
        return log.Former is null ? null : "the former roster is still in office";
    }

    private static string Allocators(World world) =>
        string.Join(", ", world.Nodes.Where(node => node.Believes).Select(node => $"{node}{(node.Allocator is { IsOpen: true } ? " open" : " not open")}"));
}
