using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Forwards out, and in too while packets go to and fro one by one: then it asks for the answer for a moment before it sleeps, where that was seen to pay.</summary>
internal sealed class ConversingThread(ThreadSignal signal, Outbound outbound, IncomingSockets inbound, InwardDuty duty, ForwarderOptions options)
    : ForwarderThread(signal, options, [outbound.Descriptor, .. inbound.Descriptors])
{
    private readonly Conversation conversation = new();
    private bool hasLongSlice;

    public override void Forward()
    {
        bool alone = true;
        while (!IsStopping)
        {
            bool both = duty.IsOutwards;
            var sent = outbound.Pump(alone);
            var received = both ? inbound.Pump(alone, sent) : Pumped.Nothing;
            var found = sent > received ? sent : received;
            long now = Stopwatch.GetTimestamp();
            if (found >= Pumped.Train)
            {
                duty.LotByOutward(now);
                SetSlice(isLong: false);
            }
            else if (both)
            {
                Listen(sent, received, now);
            }
            if (found >= Pumped.Several)
            {
                alone = false;
                GiveWay(found);
            }
            else if (duty.IsOutwards && conversation.IsWorthAsking(now))
            {
                SetSlice(isLong: true);
                // Something in both directions at once may be the beginning of two queues.
                alone = sent == Pumped.Nothing || received == Pumped.Nothing;
                if (TakeSignal())
                    outbound.SendWaiting();
            }
            else
            {
                Wait();
                alone = Pause.IsLong(now);
            }
        }
    }

    private void Wait()
    {
        if (!conversation.Pays)
            SetSlice(isLong: false);
        duty.OutwardSleeps = true;
        bool both = duty.IsOutwards;
        if (Sleep(both ? 1 + inbound.Count : 1))
            outbound.SendWaiting();
        duty.OutwardSleeps = false;
        if (both)
            inbound.Polled(Polled[1..]);
    }

    /// <summary>Who wakes up where this thread asks does not wait for it. Only while asking pays: on a host that is busy who has it runs last.</summary>
    private void SetSlice(bool isLong)
    {
        if (isLong == hasLongSlice)
            return;
        hasLongSlice = isLong;
        _ = SchedulerSlice.TrySet(isLong ? SchedulerSlice.Long : SchedulerSlice.Usual);
    }

    private void Listen(Pumped sent, Pumped received, long now)
    {
        // Both at once answer nobody.
        if ((sent == Pumped.One) == (received == Pumped.One))
            return;
        conversation.Passed(outward: sent == Pumped.One, now);
        duty.LoneByOutward(now);
    }
}
