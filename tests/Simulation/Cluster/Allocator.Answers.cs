using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>What the allocator says to hosts.</summary>
internal sealed partial class Allocator
{
    private NetworkVersion Network => new(table.NetworkVersion, table.Network!);

    /// <param name="fits">The claim is made for the ledger's network.</param>
    public void Claim(Asker asker, LeaseCommand.Claim claim, bool fits)
    {
        clock.Advance();
        if (table.Network is null)
        {
            Execute(new LeaseCommand.FoundNetwork(world.Pool.Network), () => { }, _ => { });
            stash.Enqueue(() => Claim(asker, claim, fits));
            return;
        }
        if (!fits)
        {
            FromMemory(() => Say(asker, new LeaseProtocol.NetworkIs(Network, "")));
            return;
        }
        if (world.Bug == Bug.RenewalWithoutComparison && claim.Held is { } held)
        {
            var said = new Lease { Owner = claim.Owner, NodeName = claim.NodeName, Subnets = held.Subnets, Generation = held.Generation, Public = claim.Public };
            FromMemory(() => Say(asker, new LeaseProtocol.Granted(said, Network, null)));
            return;
        }
        office.Heard(claim.Owner.Value);
        if (table.Leases.ContainsKey(claim.Owner))
        {
            if (world.Bug != Bug.RenewalUnseen)
                clock.Presence.Seen(claim.Owner);
        }
        else if (IsDry(claim) && clock.Presence.Reclaim(table, claim.Owner) is { } expire)
        {
            world.Stats.Reclaims++;
            Write(table.Decide(expire).Events, () => stash.Enqueue(() => Claim(asker, claim, fits)));
            return;
        }
        Execute(claim, () => Claim(asker, claim, fits), reply => Say(asker, reply switch
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
        Execute(new LeaseCommand.Release(release.Owner, generation), () => Release(asker, release), _ => Say(asker, new LeaseProtocol.Released(release.Owner, release.Generation)));
    }

    public void Watch(Asker asker, LeaseProtocol.Watch watch)
    {
        if (table.Network is not null)
            FromMemory(() => Follow(asker, watch));
    }

    private void Follow(Asker asker, LeaseProtocol.Watch watch)
    {
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

    private bool IsDry(LeaseCommand.Claim claim) => table.Decide(claim).Reply is LeaseReply.Refused { Reason: RefusalReason.OutOfSubnets };

    private void Execute(LeaseCommand command, Action again, Action<LeaseReply> answer)
    {
        var (events, reply) = table.Decide(command);
        if (!events.IsEmpty)
        {
            Write(events, () => answer(reply));
            return;
        }
        FromMemory(() =>
        {
            switch (SecondLook.At(command, table))
            {
                case SecondLook.Answer present:
                    answer(present.Reply);
                    break;
                case SecondLook.AskAgain:
                case SecondLook.Drop when world.Bug == Bug.RegrantAfterRelease:
                    stash.Enqueue(again);
                    break;
            }
        });
    }

    private void Announce(LeaseProtocol.Change change)
    {
        watchers.RemoveWhere(watcher => watcher.Host.Life != watcher.Life);
        foreach (var (host, life) in watchers)
            Say(new Asker(host, life, 0, TimeSpan.Zero), change);
    }

    private void Say(Asker asker, object message) => world.Network.Send(node, asker.Host, () => asker.Host.Hear(asker, message));
}

/// <param name="Life">The process that asked: another one of the same host has another actor there, which does not hear the answer.</param>
/// <param name="Moment">The checker's, when it asked.</param>
/// <param name="At">The world's time then.</param>
internal readonly record struct Asker(Host Host, int Life, long Moment, TimeSpan At);
