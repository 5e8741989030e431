namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>
/// While it lives the kernel does not divide the processors between sessions (kernel.sched_autogroup_enabled, sched(7)). Each node is one: the two hosts would be given a
/// share each of processors that real hosts do not share, and whoever gives way would give way to nobody.
/// </summary>
internal sealed class OneSchedulerGroup : IDisposable
{
    private const string Switch = "/proc/sys/kernel/sched_autogroup_enabled";

    private readonly string? before = File.Exists(Switch) ? File.ReadAllText(Switch) : null;

    public OneSchedulerGroup() => Write("0");

    public void Dispose() => Write(before!);

    private void Write(string value)
    {
        if (before is not null)
            File.WriteAllText(Switch, value);
    }
}
