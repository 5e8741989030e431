using AkkaOverlay.Actors.Reconcile;

namespace AkkaOverlay.Actors.Tests.Reconcile;

public sealed class RepairClockSpecs
{
    private readonly ManualTime time = new();
    private readonly RepairClock clock;

    public RepairClockSpecs() => clock = new RepairClock(time);

    [Fact]
    public void A_repair_is_measured_from_the_first_event_on()
    {
        clock.Event();
        time.Advance(TimeSpan.FromMilliseconds(15));
        clock.Event();
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(TimeSpan.FromMilliseconds(25), clock.Compared(repairs: 2, missing: 0));
        Assert.Null(clock.Compared(repairs: 2, missing: 0));
    }

    [Fact]
    public void What_the_audit_finds_has_no_beginning() => Assert.Null(clock.Compared(repairs: 1, missing: 0));

    [Fact]
    public void An_event_that_needed_no_repair_is_forgotten()
    {
        clock.Event();
        Assert.Null(clock.Compared(repairs: 0, missing: 0));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(clock.Compared(repairs: 1, missing: 0));
    }

    /// <summary>A route waits for its device, which somebody else makes anew.</summary>
    [Fact]
    public void One_whose_repair_must_wait_is_not()
    {
        clock.Event();
        Assert.Null(clock.Compared(repairs: 0, missing: 3));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), clock.Compared(repairs: 3, missing: 0));
    }
}
