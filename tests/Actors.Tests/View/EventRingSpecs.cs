using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests.View;

public sealed class EventRingSpecs
{
    private readonly ManualTime time = new();

    [Fact]
    public void The_newest_comes_first_with_its_age()
    {
        var ring = new EventRing(5, time);
        ring.Add(EventKind.Lease, EventWeight.Normal, "h1", "one");
        time.Advance(TimeSpan.FromSeconds(3));
        ring.Add(EventKind.Member, EventWeight.Warning, "h2", "two");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            [new OverlayEvent(2, EventKind.Member, EventWeight.Warning, "h2", "two", TimeSpan.FromSeconds(1)), new OverlayEvent(1, EventKind.Lease, EventWeight.Normal, "h1", "one", TimeSpan.FromSeconds(4))],
            ring.Latest());
        Assert.Equal(["two"], ring.Latest(1).Select(happened => happened.Text));
    }

    [Fact]
    public void Old_ones_make_room_and_numbers_go_on()
    {
        var ring = new EventRing(3, time);
        for (int i = 1; i <= 10; i++)
            ring.Add(EventKind.Other, EventWeight.Normal, "", $"{i}");
        Assert.Equal([(10, "10"), (9, "9"), (8, "8")], ring.Latest().Select(happened => ((int)happened.Number, happened.Text)));
    }

    [Fact]
    public void A_long_text_is_cut()
    {
        var ring = new EventRing(1, time);
        ring.Add(EventKind.Other, EventWeight.Normal, new string('h', 5000), new string('t', 5000));
        Assert.Equal((300, 300), (ring.Latest()[0].Host.Length, ring.Latest()[0].Text.Length));
    }

    [Fact]
    public void Threads_write_and_read_at_the_same_time()
    {
        var ring = new EventRing(50, TimeProvider.System);
        Parallel.For(0, 1000, i =>
        {
            ring.Add(EventKind.Other, EventWeight.Normal, "", $"{i}");
            Assert.InRange(ring.Latest().Count, 1, 50);
        });
        Assert.Equal(1000, ring.Latest()[0].Number);
    }
}
