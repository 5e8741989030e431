using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Takes in what the peers send, while that is its duty.</summary>
/// <param name="duty">Null where it always is.</param>
internal sealed class ReceivingThread(ThreadSignal signal, Inbound[] inbound, InwardDuty? duty, ForwarderOptions options)
    : ForwarderThread(signal, options, inbound.Select(socket => socket.Descriptor))
{
    private readonly IncomingSockets sockets = new(inbound);
    private bool alone = true, hasMore;

    public override void Forward()
    {
        while (!IsStopping)
        {
            if (duty is { IsOutwards: true })
            {
                _ = Sleep(0);
                continue;
            }
            var found = WaitAndPump();
            if (duty is null || found == Pumped.Nothing)
                GiveWay(found);
            else if (found >= Pumped.Train)
            {
                duty.LotByInward(Stopwatch.GetTimestamp());
                GiveWay(found);
            }
            else
                _ = duty.LoneByInward(Stopwatch.GetTimestamp());
        }
    }

    private Pumped WaitAndPump()
    {
        // From one socket, waiting in the very call that receives: a round trip counts each system call.
        if (inbound is [var only])
        {
            NoteAllocated();
            return only.WaitAndPump();
        }
        if (!hasMore)
        {
            long asked = Stopwatch.GetTimestamp();
            _ = Sleep(inbound.Length);
            sockets.Polled(Polled);
            alone = Pause.IsLong(asked);
        }
        var found = sockets.Pump(alone);
        hasMore = found >= Pumped.Several;
        alone = false;
        return found;
    }
}
