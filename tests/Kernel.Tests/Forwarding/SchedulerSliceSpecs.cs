using System.Globalization;
using System.Runtime.InteropServices;
using AkkaOverlay.Kernel.Forwarding;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>As /proc/thread-self/sched tells it (proc(5), kernel/sched/debug.c). Kernels before 6.12 have no slice of a thread's own.</summary>
public sealed partial class SchedulerSliceSpecs
{
    private const int SCHED_BATCH = 3;

    [Fact]
    public void A_thread_has_the_longest_slice_until_it_is_given_the_usual_one_again() => OnOwnThread(() =>
    {
        string? before = Line("se.slice");
        bool isKnown = SchedulerSlice.TrySet(SchedulerSlice.Longest);
        if (before is null || Environment.OSVersion.Version < new Version(6, 12))
            return;
        Assert.True(isKnown);
        Assert.Equal(SchedulerSlice.Longest.TotalNanoseconds, double.Parse(Line("se.slice")!, CultureInfo.InvariantCulture));
        Assert.True(SchedulerSlice.TrySet(SchedulerSlice.Usual));
        // A slice that has begun goes on as it was.
        Thread.Sleep(20);
        Assert.Equal(before, Line("se.slice"));
    });

    [Fact]
    public void A_threads_policy_stays_what_an_operator_made_it() => OnOwnThread(() =>
    {
        int priority = 0;
        Assert.Equal(0, sched_setscheduler(0, SCHED_BATCH, ref priority));
        _ = SchedulerSlice.TrySet(SchedulerSlice.Longest);
        _ = SchedulerSlice.TrySet(SchedulerSlice.Usual);
        Assert.Equal(SCHED_BATCH, sched_getscheduler(0));
    });

    private static void OnOwnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    private static string? Line(string name) => File.ReadLines("/proc/thread-self/sched").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim();

    [LibraryImport("libc")]
    private static partial int sched_setscheduler(int thread, int policy, ref int parameters);

    [LibraryImport("libc")]
    private static partial int sched_getscheduler(int thread);
}
