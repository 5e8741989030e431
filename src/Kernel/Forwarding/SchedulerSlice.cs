using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// How long the calling thread wants to run at a time (sched_setattr(2), SCHED_OTHER; honoured since Linux 6.12). One that wants little is let in at once where it
/// wakes up, and gives way sooner: what a thread needs that forwards a few packets and waits for the next ones.
/// </summary>
internal static unsafe class SchedulerSlice
{
    /// <summary>The least that the kernel takes (kernel/sched/syscalls.c).</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(100);

    /// <summary>Older kernels say yes and do nothing; where it is refused, the thread goes on as it is.</summary>
    public static void BeShort()
    {
        nint number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 314,
            Architecture.Arm64 => 274,
            _ => -1,
        };
        if (number < 0)
            return;
        var attributes = new Attributes { size = (uint)sizeof(Attributes), sched_runtime = (ulong)Least.TotalNanoseconds };
        _ = SystemCalls.syscall(number, 0, &attributes, 0);
    }

    /// <summary>struct sched_attr of linux/sched/types.h, as it was at first.</summary>
    private struct Attributes
    {
        public uint size, sched_policy;
        public ulong sched_flags;
        public int sched_nice;
        public uint sched_priority;
        public ulong sched_runtime, sched_deadline, sched_period;
    }
}
