using System.Diagnostics;
using System.Globalization;

namespace AkkaOverlay.Node.Metrics;

/// <summary>This process, by the names that Prometheus's own client libraries give (proc(5)).</summary>
internal static class ProcessSamples
{
    public static void Add(Samples samples)
    {
        using var process = Process.GetCurrentProcess();
        samples.Add(Catalogue.Cpu, process.TotalProcessorTime.TotalSeconds);
        samples.Add(Catalogue.Resident, process.WorkingSet64);
        samples.Add(Catalogue.Virtual, process.VirtualMemorySize64);
        samples.Add(Catalogue.StartTime, (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        samples.Add(Catalogue.Threads, process.Threads.Count);
        samples.Add(Catalogue.Heap, GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
        samples.Add(Catalogue.GcPause, GC.GetTotalPauseDuration().TotalSeconds);
        samples.Add(Catalogue.OpenFds, Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        if (MaxFds() is { } most)
            samples.Add(Catalogue.MaxFds, most);
    }

    /// <summary>The soft limit; null where there is none to read.</summary>
    private static double? MaxFds()
    {
        const string name = "Max open files";
        string? soft = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return soft == "unlimited" ? double.PositiveInfinity
            : double.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out double limit) ? limit
            : null;
    }
}
