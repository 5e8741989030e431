using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>Threads that run on one processor for a while (sched_setaffinity(2)).</summary>
internal sealed partial class Affinity : IDisposable
{
    private readonly List<(int Thread, ulong Before)> threads = [];

    /// <summary>Of the calling thread. <paramref name="processor"/> is 0 to 63.</summary>
    public static Affinity Here(int processor)
    {
        var affinity = new Affinity();
        if (!affinity.TryPin(0, processor))
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return affinity;
    }

    /// <summary>Of all threads of a process; those that they make later inherit it.</summary>
    public static Affinity Of(Process process, int processor)
    {
        var affinity = new Affinity();
        foreach (string path in Directory.GetDirectories($"/proc/{process.Id}/task"))
        {
            // It may have ended since.
            _ = affinity.TryPin(int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture), processor);
        }
        return affinity;
    }

    public void Dispose()
    {
        foreach (var (thread, before) in threads)
        {
            ulong mask = before;
            _ = Set(thread, sizeof(ulong), ref mask);
        }
    }

    private bool TryPin(int thread, int processor)
    {
        ulong before = 0, now = 1UL << processor;
        if (Get(thread, sizeof(ulong), ref before) < 0 || Set(thread, sizeof(ulong), ref now) < 0)
            return false;
        threads.Add((thread, before));
        return true;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int Get(int thread, nuint size, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int Set(int thread, nuint size, ref ulong mask);
}
