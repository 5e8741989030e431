using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>What the allocator says to hosts.</summary>
internal sealed partial class Allocator
{
    private NetworkVersion Network => new(table.NetworkVersion, table.Network!);

    public void Claim(Asker asker, LeaseCommand.Claim claim)
    {
        if (table.Network is null)
        {
            Execute(new LeaseCommand.FoundNetwork(world.Pool.Network), _ => { });
            Command(() => Claim(asker, claim));
            return;
        }
        if (world.Bug == Bug.RenewalWithoutComparison && claim.Held is { } held)
        {
            var said = new Lease { Owner = claim.Owner, NodeName = claim.NodeName, Subnets = held.Subnets, Generation = held.Generation, Public = claim.Public };
            FromMemory(() => Say(asker, new LeaseProtocol.Granted(said, Network, null)));
            return;
        }
        Execute(claim, reply => Say(asker, reply switch
        {
            LeaseReply.Granted granted => new LeaseProtocol.Granted(granted.Lease, Network, granted.Conflict),
            LeaseReply.Refused refused => new LeaseProtocol.Refused(refused.Reason, refused.Text),
            _ => throw new InvalidOperationException($"A claim was answered by {reply.GetType().Name}."),
        }));
    }

    public void Release(Asker asker, LeaseProtocol.Release release)
    {
        long generation = release.Generation;
        if (table.Leases.TryGetValue(release.Owner, out var lease) && lease.Generation != generation)
        {
            if (world.Bug != Bug.ReleaseAnyGeneration)
            {
                FromMemory(() => Say(asker, new LeaseProtocol.Granted(lease, Network, null)));
                return;
            }
            generation = lease.Generation;
        }
        Execute(new LeaseCommand.Release(release.Owner, generation), _ => Say(asker, new LeaseProtocol.Released(release.Owner, release.Generation)));
    }

    public void Watch(Asker asker, LeaseProtocol.Watch watch)
    {
        if (table.Network is null)
            return;
        watchers.Add((asker.Host, asker.Life));
        if (watch.Epoch == feed && watch.Revision == table.Revision)
        {
            Say(asker, new LeaseProtocol.UpToDate(feed, table.Revision));
            return;
        }
        var pages = table.Leases.Values.Chunk(world.LeasesPerPage).DefaultIfEmpty([]).ToList();
        for (int page = 0; page < pages.Count; page++)
            Say(asker, new LeaseProtocol.Snapshot(feed, table.Revision, Network, [.. pages[page]], page, pages.Count));
    }

    private void Execute(LeaseCommand command, Action<LeaseReply> answer)
    {
        var (events, reply) = table.Decide(command);
        if (events.IsEmpty)
            FromMemory(() => answer(reply));
        else
            Write(events, () => answer(reply));
    }

    private void Announce(LeaseProtocol.Change change)
    {
        watchers.RemoveWhere(watcher => watcher.Host.Life != watcher.Life);
        foreach (var (host, life) in watchers)
            Say(new Asker(host, life, 0), change);
    }

    private void Say(Asker asker, object message) => world.Network.Send(node, asker.Host, () => asker.Host.Hear(asker, message));
}

/// <param name="Life">The process that asked: another one of the same host has another actor there, which does not hear the answer.</param>
/// <param name="Moment">The checker's, when it asked.</param>
internal readonly record struct Asker(Host Host, int Life, long Moment);
