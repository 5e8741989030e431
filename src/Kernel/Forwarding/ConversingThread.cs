using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Forwards out, and in too while packets go to and fro one by one: then it asks for the answer for a moment before it sleeps, where that was seen to pay.</summary>
internal sealed class ConversingThread(ThreadSignal signal, Outbound outbound, Inbound[] inbound, InwardDuty duty, ForwarderOptions options)
    : ForwarderThread(signal, options, [outbound.Descriptor, .. inbound.Select(socket => socket.Descriptor)])
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
            var received = both ? Pump(inbound, alone) : Pumped.Nothing;
            var found = sent > received ? sent : received;
            long now = Stopwatch.GetTimestamp();
            if (found >= Pumped.Train)
                duty.LotByOutward(now);
            if (found >= Pumped.Several)
            {
                alone = false;
                GiveWay(found);
                continue;
            }
            if (both)
            {
                Listen(sent, received, now);
                if (conversation.IsWorthAsking(now) && duty.IsOutwards)
                {
                    SetSlice(isLong: true);
                    alone = true;
                    continue;
                }
            }
            if (!duty.IsOutwards)
                SetSlice(isLong: false);
            if (Sleep(duty.IsOutwards ? 1 + inbound.Length : 1))
                outbound.SendWaiting();
            alone = Pause.IsLong(now);
        }
    }

    /// <summary>Who wakes up where this thread asks does not wait for it.</summary>
    private void SetSlice(bool isLong)
    {
        if (isLong == hasLongSlice)
            return;
        hasLongSlice = isLong;
        _ = SchedulerSlice.TrySet(isLong ? SchedulerSlice.Longest : SchedulerSlice.Usual);
    }

    private void Listen(Pumped sent, Pumped received, long now)
    {
        // One turn looks outwards first: what it found there came before.
        if (sent == Pumped.One)
            Passed(outward: true, now);
        if (received == Pumped.One)
            Passed(outward: false, now);
    }

    private void Passed(bool outward, long now)
    {
        conversation.Passed(outward, now);
        duty.LoneByOutward(now);
    }
}
