using System.Diagnostics.Metrics;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Node.Page;

namespace AkkaOverlay.Node.Tests.Page;

/// <summary>A meter of each test's own: the product's is one for the process.</summary>
public sealed class MeterEventsSpecs : IDisposable
{
    private readonly Meter meter = new($"test {Guid.NewGuid()}");
    private readonly EventRing ring = new(10, TimeProvider.System);

    public void Dispose() => meter.Dispose();

    [Fact]
    public void A_burst_of_repairs_is_one_event()
    {
        using var events = new MeterEvents(ring, meter.Name);
        var repairs = meter.CreateCounter<long>("akka_overlay_repairs_total");
        for (int i = 0; i < 300; i++)
            repairs.Add(1, new KeyValuePair<string, object?>("kind", "route"));
        repairs.Add(2, new KeyValuePair<string, object?>("kind", "fdb"));
        Assert.Empty(ring.Latest());
        events.Flush();
        var only = Assert.Single(ring.Latest());
        Assert.Equal((EventKind.Repair, EventWeight.Warning, "put right what somebody else changed: 2 × fdb, 300 × route"), (only.Kind, only.Weight, only.Text));
        events.Flush();
        Assert.Single(ring.Latest());
    }

    [Fact]
    public async Task It_comes_by_itself_after_a_moment()
    {
        using var events = new MeterEvents(ring, meter.Name);
        meter.CreateCounter<long>("akka_overlay_allocator_starts_total").Add(1);
        for (int i = 0; i < 100 && ring.Latest().Count == 0; i++)
            await Task.Delay(100);
        Assert.Equal("the allocator has opened the ledger here", Assert.Single(ring.Latest()).Text);
    }

    [Fact]
    public void A_row_that_was_only_made_known_is_no_event_and_other_counters_are_none()
    {
        using var events = new MeterEvents(ring, meter.Name);
        meter.CreateCounter<long>("akka_overlay_actor_restarts_total").Add(0, new KeyValuePair<string, object?>("actor", "a"));
        meter.CreateCounter<long>("akka_overlay_kernel_writes_total").Add(5, new KeyValuePair<string, object?>("kind", "route"));
        events.Flush();
        Assert.Empty(ring.Latest());
    }
}
