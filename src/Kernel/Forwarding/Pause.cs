using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Tells a thread that waited for a packet whether it really waited, or whether the packet was there already.</summary>
internal static class Pause
{
    /// <summary>In units of <see cref="Stopwatch"/>: 5 µs, longer than a system call that need not wait, and shorter than any wake-up.</summary>
    private static readonly long Least = Stopwatch.Frequency / 200_000;

    /// <param name="asked">When the thread began to wait.</param>
    public static bool IsLong(long asked) => Stopwatch.GetTimestamp() - asked > Least;
}
