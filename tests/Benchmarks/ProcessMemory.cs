using System.Diagnostics;
using System.Runtime;

namespace AkkaOverlay.Benchmarks;

/// <summary>What this process holds after a full collection, in octets.</summary>
/// <param name="Resident">VmRSS, as proc_pid_status(5) has it.</param>
internal readonly record struct ProcessMemory(long Resident, long Managed)
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
        return new ProcessMemory(self.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false));
    }

    public static ProcessMemory operator -(ProcessMemory left, ProcessMemory right) => new(left.Resident - right.Resident, left.Managed - right.Managed);
}
