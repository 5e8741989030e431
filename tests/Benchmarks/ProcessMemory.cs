using System.Diagnostics;
using System.Runtime;

namespace AkkaOverlay.Benchmarks;

/// <summary>What this process holds after a full collection, in octets.</summary>
/// <param name="Resident">VmRSS, as proc_pid_status(5) has it.</param>
/// <param name="Peak">VmHWM: the most it ever was, garbage and all.</param>
internal readonly record struct ProcessMemory(long Resident, long Managed, long Peak)
{
    public static ProcessMemory AfterFullCollection()
    {
        for (int i = 0; i < 2; i++)
        {
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        using var self = Process.GetCurrentProcess();
        return new ProcessMemory(self.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false), self.PeakWorkingSet64);
    }

    public static ProcessMemory operator -(ProcessMemory left, ProcessMemory right) =>
        new(left.Resident - right.Resident, left.Managed - right.Managed, left.Peak - right.Peak);
}
