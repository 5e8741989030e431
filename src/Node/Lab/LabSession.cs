using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Node.Lab.Screen;

namespace AkkaOverlay.Node.Lab;

/// <param name="Once">Ends after the first ping matrix, whose outcome is the exit code.</param>
/// <param name="Core">How many of the hosts are the core.</param>
/// <param name="Keep">Leaves everything running at the end.</param>
/// <param name="KillCore">Shows a fail-over after the first ping matrix.</param>
internal sealed record LabOptions(int Hosts, int Core, bool Once, bool Keep, bool KillCore);

/// <summary>One run of <c>akka-overlay lab</c>, from the sweep to the removal.</summary>
internal sealed class LabSession(LabOptions options, LabSettings settings, LabScreen screen, TextWriter error)
{
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        using var signals = new LabSignals(cancel);
        try
        {
            foreach (string lab in LabSweep.Run())
                screen.Line($"[grey]removed {lab}, left behind by a process that is gone[/]");
            using var network = LabNetwork.Create(settings);
            using var hurry = signals.Hurry.Register(network.Hurry);
            return await RunAsync(network, signals);
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            return signals.ExitCode;
        }
        catch (Exception e) when (e is LabException or IOException or UnauthorizedAccessException or NetlinkException)
        {
            await error.WriteLineAsync($"akka-overlay: {e.Message}");
            foreach (string line in (e as LabException)?.Details ?? [])
                await error.WriteLineAsync($"  {line}");
            return 1;
        }
    }

    private async Task<int> RunAsync(LabNetwork network, LabSignals signals)
    {
        bool isUp = false;
        try
        {
            var bringUp = (Action<LabStep, int, int> report) =>
                new LabBringUp(network, options.Hosts, report).RunAsync(LabSettings.ReadyTimeout(options.Hosts), signals.Stop);
            await screen.ProgressAsync(report => Task.Run(() => bringUp(report)));
            isUp = true;
            screen.Show(HostTables.Leases(network.Hosts));
            bool complete = await ShowMatricesAsync(network, signals.Stop);
            if (options.KillCore)
                complete &= await ShowFailOverAsync(network, signals.Stop);
            if (options.Once)
                return complete ? 0 : 1;
            await new LiveView(network, screen, TimeProvider.System).RunAsync(signals.Stop);
            return 0;
        }
        finally
        {
            if (options.Keep && (isUp || !signals.Stop.IsCancellationRequested))
                Keep(network);
            else if (signals.Stop.IsCancellationRequested)
                screen.Line("[grey]removing everything …[/]");
        }
    }

    private async Task<bool> ShowFailOverAsync(LabNetwork network, CancellationToken stop)
    {
        var result = await new FailOver(network, line => screen.Line($"[yellow]{line}[/]")).RunAsync(Loss.Kill, stop);
        return result is { LostPings: 0, SameSubnet: true };
    }

    /// <summary>The live view of a terminal begins with a matrix by itself.</summary>
    private async Task<bool> ShowMatricesAsync(LabNetwork network, CancellationToken stop)
    {
        if (!options.Once && screen.Redraws)
            return true;
        var matrices = await Matrices.RunAsync(network.Hosts, count: 3, stop);
        foreach (var (title, matrix) in matrices)
            screen.Show(screen.Matrix(matrix, title));
        return matrices.All(each => each.Matrix.IsComplete);
    }

    private void Keep(LabNetwork network)
    {
        network.Keep();
        screen.Line($"{network.Name} stays. [grey]Its files (the nodes' logs end here):[/] {network.Directory}");
        screen.Line($"[grey]look:  [/] ip netns exec {network.Name}-h1 ip route");
        screen.Line($"[grey]status:[/] akka-overlay status --run-dir {network.Directory}/h1/run");
        screen.Line("[grey]remove:[/] akka-overlay lab --remove");
    }
}
