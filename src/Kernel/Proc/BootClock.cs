using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Proc;

/// <summary>Time since boot, suspend included (CLOCK_BOOTTIME, clock_gettime(2)): nobody sets it, and it stands still for nothing.</summary>
public static partial class BootClock
{
    private const int CLOCK_BOOTTIME = 7;

    public static TimeSpan Now
    {
        get
        {
            if (clock_gettime(CLOCK_BOOTTIME, out var time) != 0)
                throw new InvalidOperationException("There is no CLOCK_BOOTTIME: Linux has it since 2.6.39.");
            return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
