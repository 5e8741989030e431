using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Forwards out, in, or both, and asks again for a fixed time before it sleeps.</summary>
/// <param name="outbound">Null for a thread that only takes in.</param>
internal sealed class PollingThread(ThreadSignal signal, Outbound? outbound, IncomingSockets inbound, ForwarderOptions options)
    : ForwarderThread(signal, options, [.. outbound is null ? [] : new[] { outbound.Descriptor }, .. inbound.Descriptors])
{
    private readonly long spin = (long)(options.Spin.TotalSeconds * Stopwatch.Frequency);

    public override void Forward()
    {
        int before = outbound is null ? 0 : 1, count = before + inbound.Count;
        long idleSince = 0;
        // Who wakes up where this thread spins does not wait for it.
        if (spin > 0)
            _ = SchedulerSlice.TrySet(SchedulerSlice.Longest);
        bool alone = true;
        while (!IsStopping)
        {
            var sent = outbound?.Pump(alone) ?? Pumped.Nothing;
            var received = inbound.Pump(alone, sent);
            var found = sent > received ? sent : received;
            if (found >= Pumped.Several)
            {
                idleSince = 0;
                alone = false;
                GiveWay(found);
                continue;
            }
            long now = Stopwatch.GetTimestamp();
            if (spin > 0)
            {
                alone = found == Pumped.Nothing;
                if (found != Pumped.Nothing || idleSince == 0)
                    idleSince = now;
                if (now - idleSince < spin)
                {
                    if (TakeSignal())
                        outbound?.SendWaiting();
                    continue;
                }
            }
            if (Sleep(count))
                outbound?.SendWaiting();
            inbound.Polled(Polled[before..]);
            alone = Pause.IsLong(now);
            idleSince = 0;
        }
    }
}
