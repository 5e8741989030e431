using System.Diagnostics;
using AkkaOverlay.Kernel.Forwarding;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed class InwardDutySpecs : IDisposable
{
    private readonly ThreadSignal outward = ThreadSignal.Open(), inward = ThreadSignal.Open();
    private readonly InwardDuty duty;
    private long now = Stopwatch.Frequency;

    public InwardDutySpecs() => duty = new InwardDuty(outward, inward);

    public void Dispose()
    {
        outward.Dispose();
        inward.Dispose();
    }

    [Fact]
    public void A_lot_gives_the_way_in_a_thread_of_its_own_which_is_woken()
    {
        Assert.True(duty.IsOutwards);
        Assert.False(IsRaised(inward));
        duty.LotByOutward(now);
        Assert.False(duty.IsOutwards);
        Assert.True(IsRaised(inward));
    }

    [Fact]
    public void Ten_milliseconds_without_a_lot_in_either_direction_and_a_lone_packet_gives_it_back()
    {
        duty.OutwardSleeps = true;
        duty.LotByOutward(now);
        duty.LotByInward(now += Milliseconds(9));
        Assert.False(duty.LoneByInward(now += Milliseconds(9)));
        duty.LotByOutward(now);
        Assert.False(duty.LoneByInward(now + Milliseconds(9)));
        Assert.False(IsRaised(outward));
        Assert.True(duty.LoneByInward(now + Milliseconds(10)));
        Assert.True(duty.IsOutwards);
        Assert.True(IsRaised(outward));
    }

    [Fact]
    public void A_thread_that_may_wait_for_a_full_underlay_is_not_given_the_way_in()
    {
        duty.LotByOutward(now);
        Assert.False(duty.LoneByInward(now += Milliseconds(500)));
        duty.OutwardSleeps = true;
        duty.OutwardSleeps = false;
        Assert.False(duty.LoneByInward(now += Milliseconds(500)));
        Assert.False(duty.IsOutwards);
    }

    [Fact]
    public void A_signal_is_seen_by_who_does_not_sleep_until_it_is_lowered()
    {
        Assert.False(outward.IsRaised);
        outward.Raise();
        Assert.True(outward.IsRaised && IsRaised(outward));
        outward.Lower();
        Assert.False(outward.IsRaised || IsRaised(outward));
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(15, true)]
    public void Many_lone_packets_within_a_millisecond_are_a_lot(int microseconds, bool isOutwards)
    {
        for (int i = 0; i < 1000; i++)
            duty.LoneByOutward(now += Milliseconds(1) * microseconds / 1000);
        Assert.Equal(isOutwards, duty.IsOutwards);
    }

    private static unsafe bool IsRaised(ThreadSignal signal)
    {
        var wait = new pollfd { fd = signal.Descriptor, events = LibC.POLLIN };
        return LibC.poll(&wait, 1, 0) == 1;
    }

    private static long Milliseconds(int count) => Stopwatch.Frequency / 1000 * count;
}
