using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Drain;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Node.Options;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// The way out of a running node:
/// <code>
/// PrepareAsync   is the lease given back? If so, wait for the containers where that was asked for: the node serves on
/// LeaveAsync     give the lease back, see the routes go, say good-bye to the cluster
/// </code>
/// </summary>
internal sealed class Departure(RunOptions options, StopSignals signals, LeaseDecision lease, IActorRef host, IActorRef supervisor, IActorRef drain, ILogger log)
{
    /// <summary>At a signal everything must end within 10 s.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(3);

    /// <summary>Longer than another allocator takes to begin where the former one is lost.</summary>
    private static readonly TimeSpan OperatorPatience = TimeSpan.FromSeconds(30);

    private bool release;

    public async Task PrepareAsync(StopWish wish)
    {
        release = lease.Decide(lease.ByOperator || await LeaseFate.ReleasedAtExit(options.OnExit, log));
        var limit = wish.Limit ?? options.Drain;
        if (release && limit > TimeSpan.Zero)
            await DrainAsync(wish, limit);
    }

    /// <returns>False where an operator wanted the lease back and the ledger could not be reached.</returns>
    public async Task<bool> LeaveAsync()
    {
        bool asAsked = true;
        log.LogInformation("Stopping: the lease is {Fate}", release ? "given back" : "kept, routes and tunnels stay");
        if (release)
            asAsked = await GiveLeaseBack(lease.ByOperator && !signals.Heard ? OperatorPatience : ExitPatience) || !lease.ByOperator;
        try
        {
            await supervisor.Ask<OverlaySupervisor.Stopped>(OverlaySupervisor.Stop.Instance, ClusterPatience());
        }
        catch (AskTimeoutException)
        {
            log.LogWarning("The cluster did not let this node go in time: it will find out by itself");
        }
        return asAsked;
    }

    /// <summary>The wait has its own limit; the time that the signal leaves which it began with begins behind it.</summary>
    private async Task DrainAsync(StopWish wish, TimeSpan limit)
    {
        signals.StopClock(wish);
        try
        {
            await drain.Ask<DrainActor.Ended>(new DrainActor.Begin(limit), limit + ExitPatience);
        }
        catch (AskTimeoutException)
        {
            log.LogWarning("Nobody says whether containers are left: leaving without");
        }
        signals.StartClock();
    }

    /// <summary>A start that was slow has used up some of the time, and the rest of the way out needs some.</summary>
    private TimeSpan ClusterPatience()
    {
        var left = signals.Left - TimeSpan.FromSeconds(1.5);
        return left > TimeSpan.FromSeconds(5) ? TimeSpan.FromSeconds(5) : left > TimeSpan.FromSeconds(0.2) ? left : TimeSpan.FromSeconds(0.2);
    }

    private async Task<bool> GiveLeaseBack(TimeSpan patience)
    {
        try
        {
            await AskForRelease(patience);
            var deadline = TimeSpan.FromSeconds(1.5);
            List<Component> left = [];
            for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < deadline; await Task.Delay(20))
            {
                var status = await host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, deadline);
                left = [.. status.Components.Where(component => !component.Ready && (component.Name is "tunnels" or "routes" or "firewall" || PartGates.Names.Contains(component.Name)))];
                if (left.Count == 0)
                    return true;
            }
            log.LogWarning("Not undone yet: {Left}; 'akka-overlay cleanup' undoes what stays", string.Join("; ", left.Select(component => $"{component.Name}: {component.Detail}")));
        }
        catch (Exception e) when (e is AskTimeoutException or InvalidOperationException)
        {
            log.LogError("The lease could not be given back ({Reason}): it stays this host's; 'lease release' on another host frees it later", e.Message);
            return false;
        }
        return true;
    }

    /// <summary>Asked again while the overlay system begins anew, which loses the question.</summary>
    private async Task AskForRelease(TimeSpan patience)
    {
        for (long began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(500))
        {
            var left = patience - TimeProvider.System.GetElapsedTime(began);
            try
            {
                var once = TimeSpan.FromSeconds(5);
                await supervisor.Ask<HostProtocol.LeaseEnded>(OverlaySupervisor.GiveLeaseBack.Instance, left < once ? left : once);
                return;
            }
            catch (Exception e) when (e is AskTimeoutException or InvalidOperationException && left > TimeSpan.FromSeconds(6))
            {
                // Once more.
            }
        }
    }
}
