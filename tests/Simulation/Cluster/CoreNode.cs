using AkkaOverlay.Actors;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Simulation.Engine;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>A core host: a seat with its disk, and an allocator while the host believes that it is the oldest.</summary>
internal sealed class CoreNode : Machine
{
    public const int TicksPerSecond = 10;

    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1) / TicksPerSecond;

    private readonly World world;
    private readonly Prng random;
    private readonly Queue<(CoreNode From, SeatProtocol.IRequest Request)> inbox = new();

    private Seat disk;
    private Seat seat;
    private SeatEvent? underWay;
    private LedgerWriter? writer;
    private bool opens;

    public CoreNode(World world, string name, EquatableArray<string> seeds)
        : base(world.Timeline, name, world.NewClock())
    {
        this.world = world;
        random = world.Random.Fork();
        Seeds = seeds;
        disk = seat = NewDisk(random.Id());
    }

    /// <summary>As the operator last wrote it on this host.</summary>
    public EquatableArray<string> Seeds { get; set; }

    /// <summary>The operator says that a ledger may be founded.</summary>
    public bool Bootstrap { get; set; }

    /// <summary>Fsync takes so many seconds at most.</summary>
    public double Fsync { get; set; } = 0.003;

    /// <summary>Akka says that this host is the oldest: rightly or not.</summary>
    public bool Believes { get; private set; }

    public Allocator? Allocator { get; private set; }

    /// <summary>Who decides, as far as this host's writer goes.</summary>
    public Roster? Decides => writer?.Roster;

    /// <summary>What would be left after a crash.</summary>
    public Seat Disk => disk;

    public void Believe(bool oldest)
    {
        Believes = oldest;
        if (!Up)
            return;
        if (oldest)
            OpenSoon();
        else
            Deliver(() => StopAllocator("this host is not the oldest any more"));
    }

    public void Request(CoreNode from, SeatProtocol.IRequest request)
    {
        inbox.Enqueue((from, request));
        Work();
    }

    /// <summary>The allocator has failed: it is opened again while this host is the oldest, after a random while.</summary>
    public void AllocatorFailed()
    {
        Allocator = null;
        if (Believes)
            OpenSoon();
    }

    /// <summary>The disk is lost with everything on it; the machine is down.</summary>
    public void Wipe()
    {
        Crash();
        // What was lost before any ledger was open leaves a core that waits for its operator's word, by design: that is no run that must come well by itself.
        string? lost = disk.Log.IsBlank || world.Stats.Openings == 0 ? disk.Lost : $"ledger {disk.Log.Roster!.Ledger}";
        // A disk that keeps its name is the mistake: the ledger cannot tell that this one forgot.
        disk = NewDisk(world.Bug == Bug.WipedSeatVotes ? disk.Store : random.Id()) with { Lost = lost };
    }

    protected override bool HasPower => world.CoreHasPower;

    protected override void OnStart()
    {
        seat = Seat.From(disk.ToSnapshot()) with { Lost = disk.Lost, Seeds = Seeds, PieceSize = world.PieceSize };
        After(TickInterval, Tick);
        if (Believes)
            OpenSoon();
    }

    protected override void OnCrash()
    {
        world.Stats.Crashes++;
        // Whether a write that was under way is on the disk is up to the disk.
        if (underWay is { } happened && random.Chance(0.5))
            disk = disk.Apply(happened);
        underWay = null;
        inbox.Clear();
        Allocator = null;
        writer = null;
        opens = false;
    }

    private Seat NewDisk(Guid store) => new Seat { Seeds = Seeds, PieceSize = world.PieceSize }.Apply(new SeatEvent.Opened(store));

    private void Work()
    {
        while (underWay is null && inbox.TryDequeue(out var next))
        {
            var decision = SeatRules.Decide(world.Bug, seat, next.Request);
            if (decision.Happened is not { } happened)
            {
                seat = decision.After;
                Reply(next.From, decision.Reply(seat));
                continue;
            }
            underWay = happened;
            After(random.Seconds(Fsync / 10, Fsync), () =>
            {
                underWay = null;
                disk = disk.Apply(happened);
                seat = decision.After.Apply(happened);
                if (random.Chance(world.CrashAfterWrite))
                {
                    world.CrashForAWhile(this);
                    return;
                }
                Reply(next.From, decision.Reply(seat));
                Work();
            });
        }
    }

    private void Reply(CoreNode to, SeatProtocol.IReply reply)
    {
        if (world.Tracing)
            world.Trace($"{Name} -> {to.Name}: {Text.Of(reply)}");
        world.Network.Send(this, to, () => to.Allocator?.Receive(Name, reply));
    }

    private void Tick()
    {
        After(TickInterval, Tick);
        Allocator?.Tick();
    }

    private void OpenSoon()
    {
        if (opens)
            return;
        opens = true;
        After(random.Seconds(0.05, 1.5), () =>
        {
            opens = false;
            if (!Believes || Allocator is not null)
                return;
            // A writer that is used again remembers the rounds that it heard of.
            writer = writer is not null && random.Chance(0.5) ? writer : NewWriter();
            Allocator = new Allocator(world, this, writer);
            Allocator.Open();
        });
    }

    private LedgerWriter NewWriter() => new(new WriterSettings(Name, Seeds, Bootstrap) { PieceSize = world.PieceSize }, random.Id)
    {
        MayRecover = Bootstrap,
        Enough = world.Bug switch
        {
            Bug.QuorumMinusOne => static (roster, _) => roster.Quorum - 1,
            Bug.RosterWithoutFormer => static (roster, former) => former ? 0 : roster.Quorum,
            _ => static (roster, _) => roster.Quorum,
        },
    };

    private void StopAllocator(string why)
    {
        if (Allocator is not { } allocator || Believes)
            return;
        Allocator = null;
        allocator.Stop(why);
    }
}
