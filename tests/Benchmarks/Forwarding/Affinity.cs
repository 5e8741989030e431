using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>The calling thread runs on one processor for a while (sched_setaffinity(2)).</summary>
internal sealed partial class Affinity : IDisposable
{
    private readonly ulong before;

    private Affinity(ulong before) => this.before = before;

    /// <param name="processor">0 to 63.</param>
    public static Affinity Here(int processor)
    {
        ulong before = 0, now = 1UL << processor;
        if (Get(0, sizeof(ulong), ref before) < 0 || Set(0, sizeof(ulong), ref now) < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return new Affinity(before);
    }

    public void Dispose()
    {
        ulong mask = before;
        _ = Set(0, sizeof(ulong), ref mask);
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int Get(int thread, nuint size, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int Set(int thread, nuint size, ref ulong mask);
}
