using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Simulation.Engine;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>The product's <see cref="SubnetAllocator.Presence"/> on the clock of an allocator's machine, and how it would be with one of the planted mistakes.</summary>
internal sealed class AllocatorClock : TimeProvider
{
    private readonly Machine machine;
    private readonly bool inSmallSteps;
    private long shown;

    public AllocatorClock(Bug bug, Machine machine, LeaseTimes times)
    {
        this.machine = machine;
        inSmallSteps = bug == Bug.JumpedClockCounts;
        shown = machine.LocalNow.Ticks;
        Presence = new Presence(this, bug == Bug.ReclaimFromAnybody ? times with { ReclaimAfter = TimeSpan.Zero } : times);
    }

    public Presence Presence { get; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private long Behind => machine.LocalNow.Ticks - shown;

    public override long GetTimestamp() => shown += inSmallSteps ? Math.Min(Behind, Presence.LongestStep.Ticks) : Behind;

    public void Advance()
    {
        do
            Presence.Advance();
        while (Behind > 0);
    }
}
