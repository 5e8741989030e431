using AkkaOverlay.Actors;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Simulation.Check;
using AkkaOverlay.Simulation.Engine;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>Core nodes, hosts, the network between them and the time that they share.</summary>
internal sealed class World
{
    private readonly SortedDictionary<string, CoreNode> nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<Roster, TimeSpan> onTheirWay = [];
    private readonly Action<string>? trace;

    public World(Settings settings, Action<string>? trace)
    {
        this.trace = trace;
        Bug = settings.Bug;
        Random = new Prng(settings.Seed);
        Network = new Network(Timeline, Random.Fork());
        int hosts = Random.Pick([6, 12, 20, 40]);
        hosts = settings.Hosts > 0 ? settings.Hosts : hosts;
        LeasesAreShort = Random.Chance(0.3);
        InOrder = Random.Chance(0.6);
        LeaseTimes = LeasesAreShort
            ? new LeaseTimes(TimeSpan.FromSeconds(Random.Pick([15, 25, 40])), TimeSpan.FromSeconds(Random.Pick([4, 8, 12]))) { ReclaimAfter = TimeSpan.FromSeconds(Random.Pick([6, 10, 14])) }
            : LeaseTimes.Default;
        // One that is too small runs dry now and then.
        Pool = new Pool(LeasesAreShort ? Math.Max(1, hosts - Random.Below(3)) : hosts + Random.Below(3));
        Checker = NewChecker();
        PieceSize = Random.Pick([150, 400, 1500, 6000]);
        SnapshotEvery = Random.Pick([10, 30, 80, 100_000]);
        LeasesPerPage = Random.Pick([3, 10, 200]);
        RenewalSeconds = Random.Pick([1.0, 2.0, 3.0]);
        CrashAfterWrite = Random.Pick([0, 0, 0.0002, 0.002]);
        EquatableArray<string> seeds = [.. Enumerable.Range(0, Random.Pick([3, 3, 5])).Select(NameOf)];
        foreach (string name in seeds)
            AddNode(name, seeds);
        Hosts = [.. Enumerable.Range(0, hosts).Select(i => new Host(this, $"h{i}"))];
    }

    public Bug Bug { get; }

    public Prng Random { get; }

    public Timeline Timeline { get; } = new();

    public Network Network { get; }

    public Checker Checker { get; private set; }

    public Stats Stats { get; } = new();

    public Pool Pool { get; }

    public int PieceSize { get; }

    /// <summary>Entries between two snapshots.</summary>
    public int SnapshotEvery { get; }

    public int LeasesPerPage { get; }

    public double RenewalSeconds { get; }

    public LeaseTimes LeaseTimes { get; }

    /// <summary>So short that they expire within a run: hosts sleep for longer than that, or die without a word.</summary>
    public bool LeasesAreShort { get; }

    /// <summary>What a claimant sends arrives in the order in which it was sent, as Akka has it. Where it does not, nothing may break but that a lease may be left behind.</summary>
    public bool InOrder { get; }

    /// <summary>Chance of a crash between a seat's write and its answer.</summary>
    public double CrashAfterWrite { get; set; }

    /// <summary>Without it no core node starts.</summary>
    public bool CoreHasPower { get; set; } = true;

    /// <summary>As the writers last said.</summary>
    public Roster? Roster { get; private set; }

    public List<Host> Hosts { get; }

    public IEnumerable<Host> Living => Hosts.Where(host => !host.Gone);

    public IEnumerable<CoreNode> Nodes => nodes.Values;

    public bool Tracing => trace is not null;

    /// <summary>The latest log of all, whatever writers and hosts believe. A seat that is out of office does not hear that the former roster is, too.</summary>
    public LedgerLog LatestLog => nodes.Values.Select(node => node.Disk.Log).MaxBy(log => (log.Epoch, log.LastSeq, log.Former is null))!;

    /// <summary>Rosters that may still come to a disk: a paused writer and a late message take this long at most.</summary>
    public IEnumerable<Roster> OnTheirWay => onTheirWay.Where(roster => Timeline.Now - roster.Value < TimeSpan.FromSeconds(30)).Select(roster => roster.Key);

    public void IsOnItsWay(Roster roster) => onTheirWay[roster] = Timeline.Now;

    public static string NameOf(int index) => $"{(char)('a' + index)}";

    public CoreNode? Node(string name) => nodes.GetValueOrDefault(name);

    public CoreNode AddNode(string name, EquatableArray<string> seeds)
    {
        var node = new CoreNode(this, name, seeds);
        nodes.Add(name, node);
        return node;
    }

    public LocalClock NewClock() => new(Random.Seconds(0, 100_000), Random.Between(0.9, 1.1));

    /// <summary>Every disk is lost: what is founded now is another ledger, and has nothing to do with this one.</summary>
    public void ForgetLedger() => Checker = NewChecker();

    public void Trace(string line) => trace?.Invoke($"{Timeline.Now.TotalSeconds,10:F4} {line}");

    public void ToSeat(CoreNode from, string seat, SeatProtocol.IRequest request)
    {
        if (Tracing)
            Trace($"{from} -> {seat}: {Text.Of(request)}");
        if (request is SeatProtocol.Piece piece)
        {
            Stats.Pieces++;
            Stats.PieceBytes += piece.Bytes.Length;
        }
        if (request is SeatProtocol.Extend or SeatProtocol.Piece { Snapshot: null } && from.Decides is { } roster)
            IsOnItsWay(roster);
        if (Node(seat) is { } to)
            Network.Send(from, to, () => to.Request(from, request));
    }

    /// <summary>Where a host takes the allocator to be: as wrong as the core's own idea of it.</summary>
    public CoreNode? AllocatorFor(Prng random)
    {
        var believers = nodes.Values.Where(node => node.Believes || node.Allocator is not null).ToList();
        return believers.Count == 0 ? null : random.Pick(believers);
    }

    public void CrashForAWhile(CoreNode node)
    {
        Trace($"{node} crashes");
        node.Crash();
        Timeline.In(Random.Seconds(0.1, 6), node.Start);
    }

    public void RosterChanged(CoreNode by, Roster roster)
    {
        Stats.RosterChanges++;
        Roster = roster;
        // The operator writes it into each host's configuration, which reads it at its next start.
        foreach (var node in Nodes)
            Timeline.In(Random.Seconds(0, 20), () => node.Seeds = Roster.Seats.ToEquatableArray());
        Trace($"{by}: the seats are {string.Join(", ", roster.Holders.Select(holder => $"{holder.Seat}/{holder.Store.ToString()[..4]}"))}");
    }

    private Checker NewChecker() => new(LeaseTimes, Pool.Count, () => Timeline.Now);

    public void ChangeRefused(CoreNode by, string reason) => Trace($"{by}: the change of seats is refused: {reason}");
}
