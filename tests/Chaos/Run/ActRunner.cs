using AkkaOverlay.Chaos.History;
using AkkaOverlay.Chaos.Schedule;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Run;

/// <summary>Does what the schedule says, when it says so, and undoes it.</summary>
/// <param name="hosts">The steady ones and the claimants, by index.</param>
/// <param name="steady">How many of them are steady.</param>
/// <param name="core">How many of them are the core.</param>
internal sealed class ActRunner(IReadOnlyList<ChaosHost> hosts, int steady, int core, Recorder recorder, Action<string> say)
{
    /// <summary>Between two lost disks, besides what the seats say of themselves.</summary>
    private static readonly TimeSpan BetweenLostDisks = TimeSpan.FromSeconds(20), LostDiskPatience = TimeSpan.FromSeconds(30);

    /// <summary>1 while a disk is judged: two that are found fit to be lost at the same moment could be a majority.</summary>
    private int judging;

    private double lastLostDisk = double.NegativeInfinity;

    /// <summary>Begins each act at its time, and returns when the last one is undone.</summary>
    public async Task RunAsync(IEnumerable<Act> schedule, CancellationToken cancel)
    {
        double began = recorder.Now;
        var running = new List<Task>();
        foreach (var act in schedule)
        {
            double wait = began + act.At - recorder.Now;
            if (wait > 0)
                await Task.Delay(TimeSpan.FromSeconds(wait), cancel);
            running.Add(DoAsync(act));
            foreach (var done in running.Where(task => task.IsCompleted).ToList())
            {
                await done;
                running.Remove(done);
            }
        }
        await Task.WhenAll(running);
    }

    private async Task DoAsync(Act act)
    {
        if (act.Cuts.Count > 0)
        {
            Report(act, true);
            await CutAsync(act);
        }
        else if (act.Kind == ActKind.PowerLoss)
            await PowerLossAsync(act);
        else
            await OnHostAsync(act, Host(act.Hosts[0]));
    }

    private async Task OnHostAsync(Act act, ChaosHost host)
    {
        // Another act takes longer than planned, or the host is about to be started again.
        if (!await host.Busy.WaitAsync(0))
        {
            Report(act, false);
            return;
        }
        try
        {
            bool can = host.IsRunning && (act.Kind != ActKind.DiskLost || await WaitForAllSeatsAsync());
            Report(act, can);
            if (can)
                await (act.Kind switch
                {
                    ActKind.Kill => RestartAsync(host, act, host.KillAsync, static () => { }),
                    ActKind.Stop => RestartAsync(host, act, host.StopAsync, static () => { }),
                    ActKind.DiskLost => RestartAsync(host, act, host.KillAsync, () => LoseDisk(host)),
                    ActKind.DiskFull => FillAsync(host, act),
                    _ => PauseAsync(host, act),
                });
        }
        finally
        {
            host.Busy.Release();
        }
    }

    private static async Task RestartAsync(ChaosHost host, Act act, Func<Task> end, Action between)
    {
        await end();
        between();
        await Task.Delay(TimeSpan.FromSeconds(act.Seconds));
        host.Start();
    }

    private static async Task PauseAsync(ChaosHost host, Act act)
    {
        host.Lab.Pause();
        await Task.Delay(TimeSpan.FromSeconds(act.Seconds));
        host.Lab.Resume();
    }

    private static async Task FillAsync(ChaosHost host, Act act)
    {
        try
        {
            // What the node frees in the meantime is taken too.
            for (double left = act.Seconds; left > 0; left -= 1)
            {
                host.Disk!.Fill();
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(1, left)));
            }
        }
        finally
        {
            host.Disk!.Empty();
        }
    }

    private static void LoseDisk(ChaosHost host)
    {
        foreach (string file in Directory.EnumerateFiles(host.Lab.StateDirectory, "seat.db*").ToList())
            File.Delete(file);
    }

    private async Task<bool> WaitForAllSeatsAsync()
    {
        if (Interlocked.Exchange(ref judging, 1) == 1)
            return false;
        try
        {
            for (double began = recorder.Now; recorder.Now - began < LostDiskPatience.TotalSeconds; await Task.Delay(200))
            {
                if (await MayLoseDiskAsync())
                {
                    lastLostDisk = recorder.Now;
                    return true;
                }
            }
            return false;
        }
        finally
        {
            Volatile.Write(ref judging, 0);
        }
    }

    /// <summary>Only while every seat's disk counts and is up to date: a majority of disks at once is more than the ledger promises to survive.</summary>
    private async Task<bool> MayLoseDiskAsync()
    {
        if (recorder.Now - lastLostDisk < BetweenLostDisks.TotalSeconds || hosts.Take(core).Any(host => !host.IsRunning))
            return false;
        try
        {
            var seats = await hosts[0].Lab.Api.SeatsAsync();
            return seats.Seats.Count == core && seats.Seats.All(seat => seat.Counted && seat.LastSeq == seats.LastSeq);
        }
        catch (ApiException)
        {
            return false;
        }
    }

    private async Task PowerLossAsync(Act act)
    {
        foreach (var host in hosts.Take(steady))
            await host.Busy.WaitAsync();
        try
        {
            Report(act, true);
            // Claimants start again by themselves.
            foreach (var host in hosts)
                host.Kill();
            await Task.WhenAll(hosts.Take(steady).Select(host => host.Lab.WaitForExitAsync()));
            foreach (int index in act.Hosts.Where(index => index <= steady))
            {
                await Task.Delay(TimeSpan.FromSeconds(act.Seconds / steady));
                Host(index).Start();
            }
        }
        finally
        {
            foreach (var host in hosts.Take(steady))
                host.Busy.Release();
        }
    }

    private async Task CutAsync(Act act)
    {
        double end = recorder.Now + act.Seconds;
        do
        {
            await SetCutsAsync(act, true);
            await Task.Delay(TimeSpan.FromSeconds(act.Period > 0 ? act.Period : act.Seconds));
            await SetCutsAsync(act, false);
            if (act.Period > 0)
                await Task.Delay(TimeSpan.FromSeconds(act.Period));
        }
        while (recorder.Now < end);
    }

    private Task SetCutsAsync(Act act, bool cut) =>
        Task.WhenAll(act.Cuts.GroupBy(pair => pair.To).Select(to => ControlCut.SetAsync(Host(to.Key).Lab, cut ? [.. to.Select(pair => Host(pair.From).Lab)] : [])));

    private ChaosHost Host(int index) => hosts[index - 1];

    private void Report(Act act, bool done)
    {
        recorder.Add(new Acted(recorder.Now, act.Kind.ToString(), act.ToString(), done, act.Seconds + (2 * act.Period), [.. act.Touched(core).Select(index => Host(index).Name)]));
        say($"{recorder.Now,7:0.0} {act}{(done ? "" : " - not now")}");
    }
}
