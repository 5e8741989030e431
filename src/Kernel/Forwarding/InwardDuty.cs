using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Which of a loop's two threads takes in what the peers send. Where packets come in lots, each direction has its thread. Where they come one by one, the thread that sends does
/// both: each wake-up of another one would be a part of somebody's round trip. The duty changes hands between two packets only, so their order is kept.
/// </summary>
/// <param name="outward">Wakes the thread that sends.</param>
/// <param name="inward">Wakes the other one.</param>
internal sealed class InwardDuty(ThreadSignal outward, ThreadSignal inward)
{
    /// <summary>10 ms without a lot, in units of <see cref="Stopwatch"/>.</summary>
    private static readonly long Quiet = Stopwatch.Frequency / 100;

    /// <summary>1 ms: so long <see cref="MostAlone"/> lone packets take at least, else they are as good as a lot.</summary>
    private static readonly long Span = Stopwatch.Frequency / 1000;

    private const int MostAlone = 80;

    private long lastLot;
    private long spanBegan;
    private int alone;
    private volatile bool isOutwards = true, outwardSleeps;
    private int changes;

    /// <summary>The thread that sends has it.</summary>
    public bool IsOutwards => isOutwards;

    /// <summary>The thread that sends waits for packets. It may wait in a system call that sends, too, while the underlay is full: then it could not take in.</summary>
    public bool OutwardSleeps { set => outwardSleeps = value; }

    /// <summary>How often it went to the other one and back, each counted.</summary>
    public int Changes => Volatile.Read(ref changes);

    /// <summary>Several packets came together, in either direction; said by the thread that sends.</summary>
    public void LotByOutward(long now)
    {
        LotByInward(now);
        if (!isOutwards)
            return;
        Give(toOutward: false, inward);
    }

    /// <summary>Said by the other one, which has the duty and keeps it.</summary>
    public void LotByInward(long now) => Volatile.Write(ref lastLot, now);

    /// <summary>One packet came alone; said by the thread that sends, which has the duty. So many of them that nobody waits for each are a lot.</summary>
    public void LoneByOutward(long now)
    {
        if (++alone < MostAlone)
            return;
        if (now - spanBegan < Span)
            LotByOutward(now);
        (alone, spanBegan) = (0, now);
    }

    /// <summary>One packet came alone; said by the thread that takes in, which has the duty.</summary>
    /// <returns>True where it has it no more.</returns>
    public bool LoneByInward(long now)
    {
        if (!outwardSleeps || now - Volatile.Read(ref lastLot) < Quiet)
            return false;
        Give(toOutward: true, outward);
        return true;
    }

    /// <summary>By whoever has it. What the thread did with the sockets until now is seen by the other one.</summary>
    private void Give(bool toOutward, ThreadSignal next)
    {
        Volatile.Write(ref changes, changes + 1);
        isOutwards = toOutward;
        next.Raise();
    }
}
