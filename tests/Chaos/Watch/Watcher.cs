using System.Diagnostics;
using AkkaOverlay.Chaos.History;
using AkkaOverlay.Chaos.Run;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Watch;

/// <summary>Looks at one host all the time: what it says, what its file says, what its kernel holds, and whether its process is there.</summary>
internal sealed class Watcher(ChaosHost host, Recorder recorder)
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(150), KernelRhythm = TimeSpan.FromSeconds(2);

    /// <summary>Ends when it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(
        AgainAndAgain(AskAsync, Rhythm, cancel), AgainAndAgain(LookAtFileAsync, Rhythm, cancel), AgainAndAgain(LookAtKernelAsync, KernelRhythm, cancel));

    private static async Task AgainAndAgain(Func<Task> look, TimeSpan rhythm, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(rhythm);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
                await look();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task AskAsync()
    {
        if (!host.IsRunning)
        {
            await ReviveAsync();
            return;
        }
        try
        {
            int run = host.Run;
            double asked = recorder.Now;
            var status = await host.Lab.Api.StatusAsync();
            var when = Span.Of(asked, recorder.Now);
            // Another process may have answered than the one that was asked.
            if (run == host.Run)
                recorder.See(new HostSays(host.Name, when, run, status.Node, status.Lease?.Subnet, status.Lease?.Generation ?? 0, status.Ready, status.Cluster));
            asked = recorder.Now;
            var ledger = await host.Lab.Api.LeasesAsync();
            when = Span.Of(asked, recorder.Now);
            if (run == host.Run)
                recorder.See(new LedgerSays(host.Name, when, run, ledger.Live, ledger.Revision, EndStates.Seen(ledger)));
        }
        catch (ApiException)
        {
            // It starts, ends or stands still.
        }
    }

    /// <summary>What systemd would do. That it was necessary is written down.</summary>
    private async Task ReviveAsync()
    {
        if (!host.HasDied || !await host.Busy.WaitAsync(0))
            return;
        try
        {
            if (host.HasDied)
            {
                host.Died();
                host.Start();
            }
        }
        finally
        {
            host.Busy.Release();
        }
    }

    private Task LookAtFileAsync()
    {
        double asked = recorder.Now;
        string? subnet = null;
        try
        {
            const string key = "FLANNEL_SUBNET=";
            subnet = File.ReadLines(host.Lab.SubnetFile).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Before the first lease, and after the last.
        }
        recorder.See(new FileSays(host.Name, Span.Of(asked, recorder.Now), subnet));
        return Task.CompletedTask;
    }

    private async Task LookAtKernelAsync()
    {
        double asked = recorder.Now;
        var routes = await IpRoutes.OfAsync(host.Lab);
        recorder.See(new KernelHolds(host.Name, Span.Of(asked, recorder.Now), routes));
    }
}
