using AkkaOverlay.Simulation.Engine;

namespace AkkaOverlay.Simulation.Check;

/// <summary>
/// One allocator's time in office as the world sees it: how long it was awake, whom it heard, since when it keeps a quarantine. It knows nothing of what the
/// allocator counts; of the allocator's clock it knows how wrong that may be.
/// </summary>
/// <param name="now">The machine's present.</param>
internal sealed class Office(Func<Waking> now)
{
    /// <summary>What one pause or one jump of the clock may add to the time that an allocator counts (docs/decisions/15).</summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(10);

    /// <summary>A machine's clock goes so much faster than the world's, at most.</summary>
    public const double FastestClock = 1.1;

    private readonly Dictionary<Guid, (Waking At, long Order)> heard = [];
    private readonly Dictionary<int, Waking> quarantined = [];
    private Waking began;
    private long order;

    /// <summary>The ledger is open: now it can hear somebody.</summary>
    public void Begin() => began = now();

    public void Heard(Guid owner) => heard[owner] = (now(), ++order);

    public void Quarantined(int subnet) => quarantined[subnet] = now();

    /// <summary>For so long at most it can have waited for the owner's word; everybody counts as heard when it begins.</summary>
    public TimeSpan Unheard(Guid owner) => Since(heard.TryGetValue(owner, out var last) ? last.At : began);

    /// <summary>For so long at most it can have kept the subnet from others.</summary>
    public TimeSpan QuarantineOf(int subnet) => Since(quarantined.GetValueOrDefault(subnet, began));

    public bool HeardBefore(Guid one, Guid other) => heard.GetValueOrDefault(one).Order < heard.GetValueOrDefault(other).Order;

    private TimeSpan Since(Waking past)
    {
        var present = now();
        return ((present.Awake - past.Awake) * FastestClock) + (LongestStep * (present.Disturbed - past.Disturbed));
    }
}
