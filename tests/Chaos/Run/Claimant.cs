using System.Diagnostics;
using AkkaOverlay.Chaos.History;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Chaos.Run;

/// <summary>
/// A host that comes and goes: it joins and gets a lease, is killed or stopped and started again, leaves for good, and joins again, as itself or as a
/// new host. So leases are granted and released all the time, and how long a grant takes says how long no allocator could give one.
/// </summary>
internal sealed class Claimant(ChaosHost host, Recorder recorder, Random random, Action<string> say)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100), LeavePatience = TimeSpan.FromSeconds(20);

    private bool stopping;

    /// <summary>The claim that was not granted yet when it was told to stop: since when it waits; null where there is none.</summary>
    public double? WaitsSince { get; private set; }

    /// <summary>It finishes what it does, and then stays as it is.</summary>
    public void Stop() => Volatile.Write(ref stopping, true);

    public async Task RunAsync()
    {
        await Task.Delay(Between(0, 3));
        bool holds = false;
        while (!Volatile.Read(ref stopping))
        {
            WaitsSince = holds ? null : recorder.Now;
            if (!await HoldsAsync(!holds))
                break;
            (WaitsSince, holds) = (null, true);
            await Task.Delay(Between(1, 6));
            if (Volatile.Read(ref stopping))
                break;
            int next = random.Next(6);
            if (next == 0)
                await DoAsync(host.KillAsync);
            else if (next == 1 && host.IsRunning)
                await DoAsync(host.StopAsync);
            else if (next > 1)
                holds = !await LeaveAsync();
        }
    }

    /// <summary>Waits for a lease, and keeps the process running meanwhile.</summary>
    /// <param name="granted">It is a new one.</param>
    /// <returns>False where it was told to stop.</returns>
    private async Task<bool> HoldsAsync(bool granted)
    {
        long began = Stopwatch.GetTimestamp();
        while (!Volatile.Read(ref stopping))
        {
            await RunningAsync();
            if (await LeaseAsync() is { } lease)
            {
                if (granted)
                    recorder.Add(new Granted(recorder.Now, host.Name, lease.Node, lease.Subnet!, lease.Generation, Stopwatch.GetElapsedTime(began).TotalSeconds));
                return true;
            }
            await Task.Delay(Poll);
        }
        return false;
    }

    /// <returns>False where it was told to stop, or was killed, before it had left.</returns>
    private async Task<bool> LeaveAsync()
    {
        while (!Volatile.Read(ref stopping))
        {
            await RunningAsync();
            if (await LeaseAsync() is { } lease)
            {
                recorder.Add(new ReleaseAsked(recorder.Now, host.Name, lease.Node, lease.Generation));
                if (await TryLeaveAsync())
                {
                    recorder.Add(new HostLeft(recorder.Now, host.Name, lease.Node));
                    if (random.Next(2) == 0)
                        BeAnother();
                    return true;
                }
            }
            await Task.Delay(Between(0.5, 2));
        }
        return false;
    }

    private async Task<bool> TryLeaveAsync()
    {
        host.Leaves();
        try
        {
            await host.Lab.Api.LeaveAsync($"{host.Lab.UnderlayAddress}:4053");
            using var patience = new CancellationTokenSource(LeavePatience);
            await host.Lab.WaitForExitAsync(patience.Token);
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException or InvalidOperationException)
        {
            // No connection to the cluster; or it does not come to an end in time; or it did, without having left, and another process runs already.
        }
        // Where no allocator could be asked, the process ends too, and the lease stays: then its status says so, and the file is there.
        return host.HasLeft && !File.Exists(host.Lab.SubnetFile);
    }

    /// <summary>A host that nobody has ever seen.</summary>
    private void BeAnother()
    {
        foreach (string file in Directory.EnumerateFiles(host.Lab.StateDirectory))
            File.Delete(file);
        say($"{recorder.Now,7:0.0} {host.Name} has left, and is another host now");
    }

    private async Task RunningAsync()
    {
        if (host.IsRunning)
            return;
        await Task.Delay(Between(0, 2));
        await DoAsync(() =>
        {
            host.Start();
            return Task.CompletedTask;
        });
    }

    private async Task<LeaseModel?> LeaseAsync()
    {
        try
        {
            return (await host.Lab.Api.StatusAsync()).Lease;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private async Task DoAsync(Func<Task> what)
    {
        await host.Busy.WaitAsync();
        try
        {
            await what();
        }
        finally
        {
            host.Busy.Release();
        }
    }

    private TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
}
