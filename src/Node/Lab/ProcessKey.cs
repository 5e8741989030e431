using System.Diagnostics;
using System.Globalization;
using Tmds.Linux;

namespace AkkaOverlay.Node.Lab;

/// <summary>A process that is meant and no later one of the same id.</summary>
/// <param name="StartTicks">starttime of proc_pid_stat(5): clock ticks since boot.</param>
internal readonly record struct ProcessKey(int Id, ulong StartTicks)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    public bool IsAlive => Find(Id) == this;

    /// <summary>Null where there is none, or only its remains that nobody has waited for.</summary>
    public static ProcessKey? Find(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            // The command's name may hold anything, so the fields are counted from behind its closing parenthesis: state is the first, starttime the 20th.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new ProcessKey(id, ulong.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static ProcessKey Own() => Find(Environment.ProcessId)!.Value;

    public void Signal(int signal)
    {
        if (IsAlive)
            _ = LibC.kill(Id, signal);
    }

    /// <summary>SIGTERM to all at once, then SIGKILL to those that are left when the time is over or somebody is in a hurry.</summary>
    public static void End(IReadOnlyCollection<ProcessKey> processes, TimeSpan grace, CancellationToken hurry)
    {
        if (!hurry.IsCancellationRequested)
        {
            Signal(processes, LibC.SIGTERM);
            WaitForAll(processes, grace, hurry);
        }
        Signal(processes, LibC.SIGKILL);
        WaitForAll(processes, TimeSpan.FromSeconds(2), CancellationToken.None);
    }

    private static void Signal(IReadOnlyCollection<ProcessKey> processes, int signal)
    {
        foreach (var process in processes)
            process.Signal(signal);
    }

    private static void WaitForAll(IReadOnlyCollection<ProcessKey> processes, TimeSpan atMost, CancellationToken hurry)
    {
        long start = Stopwatch.GetTimestamp();
        while (processes.Any(process => process.IsAlive) && Stopwatch.GetElapsedTime(start) < atMost)
        {
            if (hurry.WaitHandle.WaitOne(PollInterval))
                return;
        }
    }
}
