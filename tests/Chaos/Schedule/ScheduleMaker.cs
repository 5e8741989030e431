namespace AkkaOverlay.Chaos.Schedule;

/// <summary>Makes a random schedule: the same seed gives the same one. One act at a time per host, one cut at a time; everything else may overlap.</summary>
public sealed class ScheduleMaker
{
    /// <summary>Seconds in which a host whose process was away is left alone afterwards, sometimes: it does not always come up in peace.</summary>
    private const double Recovery = 4;

    private static readonly (ActKind Kind, int Weight)[] Weights =
    [
        (ActKind.Kill, 6), (ActKind.PauseShort, 4), (ActKind.PauseLong, 4), (ActKind.Stop, 4), (ActKind.Cut, 6), (ActKind.CutOneWay, 4),
        (ActKind.Flap, 3), (ActKind.PowerLoss, 1), (ActKind.DiskFull, 3), (ActKind.DiskLost, 4),
    ];

    private readonly Random random;
    private readonly ScheduleSettings settings;
    private readonly Dictionary<int, double> busyUntil;
    private double cutUntil;

    private ScheduleMaker(int seed, ScheduleSettings settings)
    {
        random = new Random(seed);
        this.settings = settings;
        busyUntil = Enumerable.Range(1, settings.Hosts).ToDictionary(host => host, _ => 0.0);
    }

    public static IReadOnlyList<Act> Make(int seed, ScheduleSettings settings) => [.. new ScheduleMaker(seed, settings).Acts()];

    private IEnumerable<Act> Acts()
    {
        // Whatever is random besides, each kind comes once before any comes twice, as far as the time reaches: a short run shall see many.
        var unseen = new Queue<ActKind>(Weights.Select(weight => weight.Kind).OrderBy(_ => random.Next()));
        for (double now = Between(1, 3); now < settings.Seconds; now += Between(1.5, 7))
        {
            var kind = unseen.Count > 0 ? unseen.Dequeue() : Draw();
            if (kind == ActKind.PowerLoss)
                now = Math.Max(now, Math.Max(cutUntil, busyUntil.Values.Max()));
            if (Make(kind, now) is { } act && now < settings.Seconds)
                yield return act;
        }
    }

    private ActKind Draw()
    {
        int drawn = random.Next(Weights.Sum(weight => weight.Weight));
        foreach (var (kind, weight) in Weights)
        {
            if ((drawn -= weight) < 0)
                return kind;
        }
        throw new InvalidOperationException("The weights do not add up.");
    }

    private Act? Make(ActKind kind, double now) => kind switch
    {
        ActKind.Kill => OnHost(kind, now, Between(0, 8), AnyHost),
        ActKind.PauseShort => OnHost(kind, now, Between(0.3, 2.5), AnyHost),
        ActKind.PauseLong => OnHost(kind, now, Between(4, 25), AnyHost),
        ActKind.Stop => OnHost(kind, now, Between(0, 8), AnyHost),
        ActKind.DiskFull => OnHost(kind, now, Between(4, 15), settings.SmallDisks.Contains),
        ActKind.DiskLost => OnHost(kind, now, Between(0.5, 5), host => host <= settings.Core),
        ActKind.PowerLoss => PowerLoss(now),
        _ => Cut(kind, now),
    };

    private static bool AnyHost(int host) => true;

    private Act? OnHost(ActKind kind, double now, double seconds, Func<int, bool> mayBe)
    {
        var free = busyUntil.Where(host => host.Value <= now && mayBe(host.Key)).Select(host => host.Key).Order().ToList();
        if (free.Count == 0)
            return null;
        // The core is where it hurts.
        var core = free.Where(host => host <= settings.Core).ToList();
        var from = core.Count > 0 && random.Next(3) > 0 ? core : free;
        int chosen = from[random.Next(from.Count)];
        busyUntil[chosen] = now + seconds + Between(0, Recovery);
        return new Act(now, kind, seconds, [chosen], []);
    }

    private Act PowerLoss(double now)
    {
        double seconds = Between(0.5, 4);
        foreach (int host in busyUntil.Keys)
            busyUntil[host] = now + seconds + Recovery;
        return new Act(now, ActKind.PowerLoss, seconds, [.. Shuffled(settings.All)], []);
    }

    private Act? Cut(ActKind kind, double now)
    {
        if (cutUntil > now)
            return null;
        double seconds = Between(2, 25);
        cutUntil = now + seconds;
        var hosts = Shuffled(settings.All);
        // A pair, one host alone, or any two groups.
        int first = random.Next(3) switch { 0 => 1, 1 => -1, _ => random.Next(1, hosts.Count) };
        var (left, right) = first == -1 ? (hosts[..1], hosts[1..2]) : (hosts[..first], hosts[first..]);
        var cuts = left.SelectMany(a => right.Select(b => (a, b)));
        if (kind == ActKind.CutOneWay)
            cuts = random.Next(2) == 0 ? cuts : cuts.Select(cut => (cut.b, cut.a));
        else
            cuts = cuts.SelectMany(cut => new[] { cut, (cut.b, cut.a) });
        return new Act(now, kind, seconds, [], [.. cuts.Order()], kind == ActKind.Flap ? Between(0.7, 4) : 0);
    }

    private List<int> Shuffled(IEnumerable<int> hosts) => [.. hosts.OrderBy(_ => random.Next())];

    private double Between(double least, double most) => least + (random.NextDouble() * (most - least));
}

/// <param name="Seconds">No act begins later.</param>
/// <param name="Hosts">That keep their lease; the first of them are the core.</param>
/// <param name="Claimants">That come and go by themselves; they are behind the others.</param>
/// <param name="SmallDisks">Whose state directory can be filled.</param>
public sealed record ScheduleSettings(double Seconds, int Hosts, int Core, int Claimants, IReadOnlySet<int> SmallDisks)
{
    public IEnumerable<int> All => Enumerable.Range(1, Hosts + Claimants);
}
