using AkkaOverlay.Actors.LeaseFeed;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Simulation.Check;
using AkkaOverlay.Simulation.Engine;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>A host that claims a subnet by the rules of the claimant, remembers it on its disk, and follows the ledger.</summary>
internal sealed class Host : Machine
{
    private static readonly TimeSpan Unanswered = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(5);

    private readonly World world;
    private readonly Prng random;

    /// <summary>It has a net-conf.json of its own, which is as good as the ledger's.</summary>
    private readonly bool hasNetConf;

    /// <summary>On the disk.</summary>
    private HeldLease? held;
    private HeldLease? current;
    private FeedState feed = FeedState.Unknown;
    private bool knowsNetwork;
    private bool releases;
    private bool ended;
    private int address;
    private int claimTimer;
    private int watchTimer;
    private long claimsSent;
    private long claimsTaken;

    public Host(World world, string name)
        : base(world.Timeline, name, world.NewClock())
    {
        this.world = world;
        random = world.Random.Fork();
        Owner = new NodeId(random.Id());
        hasNetConf = random.Chance(0.7);
    }

    public NodeId Owner { get; }

    /// <summary>When it last heard that it has a lease, by the world's time.</summary>
    public TimeSpan LastGranted { get; private set; } = TimeSpan.MinValue;

    public bool LeavesForGood { get; private set; }

    public bool Follows(long revision) => feed.Network is not null && feed.Revision == revision;

    /// <summary>The same host with an empty disk but for its node id.</summary>
    public void Reinstall()
    {
        Crash();
        held = null;
        Start();
    }

    public void ChangeAddress() => address++;

    /// <summary>Gives its lease back and ends; it starts again after a while, or never.</summary>
    public void Leave(bool forGood)
    {
        if (!Up || releases)
            return;
        releases = true;
        LeavesForGood = forGood;
        Deliver(Release);
    }

    /// <summary>Never starts again, and has not told anybody.</summary>
    public void Die()
    {
        GoAway();
        world.Trace($"{this} dies");
        world.Stats.Deaths++;
    }

    public void Hear(Asker asker, object message)
    {
        if (asker.Life != Life || ended)
            return;
        switch (message)
        {
            case LeaseProtocol.Granted granted:
                OnGranted(asker, granted.Lease);
                break;
            case LeaseProtocol.NetworkIs:
                OnNetwork();
                break;
            case LeaseProtocol.Refused refused:
                world.Checker.Refused(Owner.Value, refused.Text, asker.Moment);
                world.Stats.Refusals++;
                if (releases)
                    End();
                else
                    NextClaim(AfterRefusal);
                break;
            case LeaseProtocol.Released released when releases:
                world.Checker.Released(Owner.Value, released.Generation, asker.Moment);
                world.Stats.Releases++;
                if (LeavesForGood && world.InOrder)
                    world.Checker.Gone(Owner.Value);
                End();
                break;
            case LeaseProtocol.Snapshot page:
                Take(feed.With(page));
                break;
            case LeaseProtocol.Change change:
                Take(feed.With(change));
                break;
            case LeaseProtocol.UpToDate answer when answer.Epoch == feed.Epoch && answer.Revision == feed.Revision:
                NextWatch(Heartbeat);
                break;
        }
    }

    protected override void OnStart()
    {
        releases = LeavesForGood = ended = false;
        knowsNetwork = hasNetConf;
        current = held;
        feed = FeedState.Unknown;
        Claim();
        Watch();
    }

    protected override void OnCrash()
    {
        claimTimer++;
        watchTimer++;
    }

    private void Claim()
    {
        var command = new LeaseCommand.Claim(Owner, LedgerModel.Short(Owner.Value), Pool.Addresses(address), [], current);
        bool fits = knowsNetwork;
        AskAsClaimant((allocator, asker) => allocator.Claim(asker, command, fits));
        NextClaim(Unanswered);
    }

    private void OnNetwork()
    {
        bool again = knowsNetwork;
        knowsNetwork = true;
        // What is given back is not claimed beside it: the claim would come behind the release.
        if (releases ? current is null || world.Bug == Bug.ClaimWhileReleasing : !again)
            Claim();
    }

    private void Release()
    {
        if (current is null)
        {
            // Nobody knows whether the ledger has a lease for this host: a claim tells.
            Claim();
            return;
        }
        var release = new LeaseProtocol.Release(Owner, current.Generation);
        world.Checker.ReleaseAsked(Owner.Value, current.Generation);
        AskAsClaimant((allocator, asker) => allocator.Release(asker, release));
        NextClaim(Unanswered);
    }

    private void OnGranted(Asker asker, Lease lease)
    {
        world.Checker.Granted(Owner.Value, world.Pool.ToHold(lease), asker.Moment, asker.At);
        world.Stats.Grants++;
        LastGranted = world.Timeline.Now;
        current = new HeldLease(lease.Subnets, lease.Generation);
        if (!releases)
            held = current;
        if (releases)
            Release();
        else
            NextClaim(random.Seconds(0.3, world.RenewalSeconds));
    }

    private void End()
    {
        ended = true;
        // Most forget what they gave back; some did not get to it.
        if (random.Chance(0.7))
            held = null;
        if (LeavesForGood)
        {
            GoAway();
            world.Trace($"{this} has left for good");
            world.Stats.Departures++;
            return;
        }
        Crash();
        world.Timeline.In(random.Seconds(0.1, 10), Start);
    }

    private void Watch()
    {
        var watch = new LeaseProtocol.Watch(Owner, feed.Epoch, feed.Revision);
        Ask((allocator, asker) => allocator.Watch(asker, watch));
        NextWatch(Unanswered);
    }

    private void Take(FeedState.Step step)
    {
        feed = step.State;
        if (step.Gap)
        {
            Watch();
        }
        else if (step.Complete)
        {
            world.Checker.Seen(feed.Revision, feed.Leases.ToDictionary(lease => lease.Key.Value, lease => world.Pool.ToHold(lease.Value)));
            NextWatch(Heartbeat);
        }
    }

    /// <summary>
    /// Claims and releases. In an orderly world none is taken behind one that was sent later: they go through one connection, and what is left in another one to
    /// a former allocator finds nobody there.
    /// </summary>
    private void AskAsClaimant(Action<Allocator, Asker> question)
    {
        long number = ++claimsSent;
        Ask((allocator, asker) =>
        {
            if (world.InOrder && number <= claimsTaken)
                return;
            claimsTaken = Math.Max(claimsTaken, number);
            question(allocator, asker);
        });
    }

    private void Ask(Action<Allocator, Asker> question)
    {
        if (world.AllocatorFor(random) is not { } node)
            return;
        var asker = new Asker(this, Life, world.Checker.Moment, world.Timeline.Now);
        world.Network.Send(this, node, () => node.Allocator?.Command(() =>
        {
            if (node.Allocator is { } allocator)
                question(allocator, asker);
        }));
    }

    private void NextClaim(TimeSpan delay)
    {
        int timer = ++claimTimer;
        After(delay, () =>
        {
            if (timer != claimTimer)
                return;
            if (releases)
                Release();
            else
                Claim();
        });
    }

    private void NextWatch(TimeSpan delay)
    {
        int timer = ++watchTimer;
        After(delay, () =>
        {
            if (timer == watchTimer)
                Watch();
        });
    }
}
