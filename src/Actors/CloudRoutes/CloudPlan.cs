using System.Collections.Immutable;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>What is to be done in the cloud. Pure.</summary>
/// <param name="Calls">In this order; each stands for itself.</param>
/// <param name="Conflicts">For an operator: routes to this host's subnets that lead to somebody else who lives.</param>
/// <param name="Waiting">Routes of this host that are there and do not lead here yet.</param>
public sealed record CloudPlan(ImmutableArray<CloudCall> Calls, ImmutableArray<string> Conflicts, ImmutableArray<string> Waiting)
{
    /// <summary>
    /// The rules of whose routes are whose:
    /// <code>
    /// to a subnet of this host, leads here                      stays
    ///                           leads to a machine that is gone is replaced
    ///                           leads to anything else          stays, and is told
    /// to another subnet,        leads here                      goes: of an earlier lease
    ///                           leads to a machine that is gone goes where no host holds the subnet
    /// everything else                                           stays
    /// </code>
    /// </summary>
    /// <param name="mayRemove">False on a partial view of the leases: then nothing stale goes.</param>
    public static CloudPlan Make(CloudGoal goal, CloudView view, bool mayRemove)
    {
        ArgumentNullException.ThrowIfNull(goal);
        ArgumentNullException.ThrowIfNull(view);
        var calls = ImmutableArray.CreateBuilder<CloudCall>();
        var conflicts = ImmutableArray.CreateBuilder<string>();
        var waiting = ImmutableArray.CreateBuilder<string>();
        if (!view.Forwards && goal.Own.Count > 0)
            calls.Add(new CloudCall.AllowForwarding());
        // First what goes: there may be no room in the table for what comes.
        if (mayRemove)
            calls.AddRange(view.Routes.Where(route => IsStale(goal, route)).Select(route => new CloudCall.Delete(route)));
        foreach (string table in view.Tables)
        {
            foreach (var subnet in goal.Own)
                Want(table, subnet, [.. view.Routes.Where(route => route.Table == table && route.Destination == subnet)]);
        }
        return new CloudPlan(calls.ToImmutable(), conflicts.ToImmutable(), waiting.ToImmutable());

        void Want(string table, IpPrefix subnet, CloudRoute[] there)
        {
            foreach (var other in there.Where(route => route.Target != CloudTarget.Here && !route.IsDead))
                conflicts.Add($"the route {other} is somebody else's: remove it, or release this host's subnet");
            bool isHere = there.Any(route => route.Target == CloudTarget.Here);
            if (isHere && !there.Any(route => route is { Target: CloudTarget.Here, IsActive: true }))
                waiting.Add($"the route to {subnet} in {table} is there, but the cloud says that it leads nowhere");
            var dead = there.Where(route => route.IsDead).ToList();
            bool free = !isHere && dead.Count == there.Length;
            if (free)
                calls.Add(dead.Count > 0 ? new CloudCall.Replace(dead[0]) : new CloudCall.Create(table, subnet));
            calls.AddRange(dead.Skip(free ? 1 : 0).Select(route => new CloudCall.Delete(route)));
        }
    }

    private static bool IsStale(CloudGoal goal, CloudRoute route) =>
        goal.IsSubnet(route.Destination) && !goal.Own.Contains(route.Destination) && route.MayBeOurs
        && (route.Target == CloudTarget.Here || (route.IsDead && !goal.Held.Contains(route.Destination)));
}
