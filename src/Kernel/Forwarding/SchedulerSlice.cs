using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// How long the calling thread would run if nobody interrupted it (sched_setattr(2), sched_runtime of SCHED_OTHER; since Linux 6.12). Whoever has a shorter slice and
/// wakes up on its processor runs at once (kernel/sched/fair.c, PREEMPT_SHORT): what a thread that spins should wish everybody. It takes effect with the next slice, and so after a sleep.
/// </summary>
internal static unsafe partial class SchedulerSlice
{
    /// <summary>The longest that the kernel grants; others have about 3 ms. Where more threads want to run than there are processors, whoever has it waits longest.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>So long that the others nearly always go first, and that a thread which is kept from a busy processor for it is missed for a moment only.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMilliseconds(25);

    /// <summary>The kernel's own choice again.</summary>
    public static readonly TimeSpan Usual = TimeSpan.Zero;

    /// <summary>Octets of struct sched_attr in its first version (linux/sched/types.h), which every kernel takes.</summary>
    private const int SizeVersion0 = 48;

    /// <summary>SCHED_FLAG_KEEP_POLICY of linux/sched.h: only the slice is meant. (A real-time thread has none, and the kernel refuses.)</summary>
    private const ulong KeepPolicy = 8;

    /// <returns>False where the kernel or the architecture does not know it; then nothing has changed.</returns>
    public static bool TrySet(TimeSpan slice)
    {
        if (Number is not { } number)
            return false;
        int nice = Nice(0, 0);
        var attributes = new Attributes { size = SizeVersion0, sched_flags = KeepPolicy, sched_nice = nice, sched_runtime = (ulong)slice.TotalNanoseconds };
        return SystemCall(number, 0, &attributes, 0) == 0;
    }

    /// <summary>asm/unistd.h.</summary>
    private static nint? Number => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 314,
        Architecture.Arm64 => 274,
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint thread, Attributes* attributes, nint flags);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int Nice(int which, uint who);

    /// <summary>struct sched_attr.</summary>
    private struct Attributes
    {
        public uint size, sched_policy;
        public ulong sched_flags;
        public int sched_nice;
        public uint sched_priority;
        public ulong sched_runtime, sched_deadline, sched_period;
    }
}
