using System.Diagnostics;
using AkkaOverlay.Chaos.Check;
using AkkaOverlay.Chaos.Faults;
using AkkaOverlay.Chaos.History;
using AkkaOverlay.Chaos.Schedule;
using AkkaOverlay.Chaos.Watch;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Run;

/// <summary>
/// Real nodes under a random schedule: brings them up, breaks them, heals them, and lets <see cref="HistoryChecker"/> judge what was seen.
/// Disposing ends every process and removes everything but what is kept of a failure.
/// </summary>
public sealed class ChaosRun : IDisposable
{
    private readonly ChaosOptions options;
    private readonly Action<string> say;
    private readonly Recorder recorder = new();
    private readonly LabNetwork network;
    private readonly IReadOnlySet<int> smallDisks;
    private readonly List<ChaosHost> hosts = [];

    /// <param name="say">Gets a line for each act.</param>
    /// <exception cref="LabException">The kernel refused. Nothing stays behind.</exception>
    public ChaosRun(ChaosOptions options, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Hosts, Math.Max(2, options.Core));
        this.options = options;
        this.say = say;
        LabSweep.Run();
        // Before the lab's own: a mount in its directory would keep that from being removed.
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        network = LabNetwork.Create(new LabSettings { NetConf = options.NetConf, CoreHosts = options.Core, Executable = options.Executable });
        // Fewer than a majority of the core, so that most of it works with a disk that is as slow as disks are; and a plain host.
        smallDisks = new HashSet<int>(Enumerable.Range(1, options.Core / 2).Append(options.Hosts));
    }

    private IEnumerable<ChaosHost> Steady => hosts.Take(options.Hosts);

    private IEnumerable<ChaosHost> Coming => hosts.Skip(options.Hosts);

    /// <summary>The whole run.</summary>
    /// <exception cref="LabException">The overlay did not even come up.</exception>
    public async Task<ChaosResult> RunAsync(CancellationToken cancel = default)
    {
        using var watching = new CancellationTokenSource();
        var watchers = new List<Task>();
        double waiting = 0;
        try
        {
            await BringUpAsync(cancel);
            watchers.AddRange(hosts.Select(host => new Watcher(host, recorder).RunAsync(watching.Token)));
            using var pings = new Pings([.. Steady.Select(host => host.Lab)]);
            await SteadyAsync();
            waiting = await BreakAsync(cancel);
            await HealAsync();
            await pings.StopAsync(recorder);
        }
        catch (Exception e)
        {
            await watching.CancelAsync();
            say($"{recorder.Now,7:0.0} broken off: {e.Message}; see {Keep([])}");
            throw;
        }
        await watching.CancelAsync();
        await Task.WhenAll(watchers);
        var history = recorder.Snapshot();
        var violations = HistoryChecker.Check(history);
        return new ChaosResult(options, history, violations, waiting, violations.Count == 0 ? null : Keep(violations));
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Unmount();
        network.Dispose();
    }

    private async Task BringUpAsync(CancellationToken cancel)
    {
        for (int index = 1; index <= options.Hosts; index++)
            AddHost(smallDisks.Contains(index));
        await new LabBringUp(network, options.Hosts, static (_, _, _) => { }).RunAsync(LabSettings.ReadyTimeout(options.Hosts), cancel);
        foreach (var host in Steady)
            host.Adopt();
        for (int i = 0; i < options.Claimants; i++)
            AddHost(smallDisk: false);
        say($"{recorder.Now,7:0.0} {options.Hosts} hosts are up, {options.Core} of them the core; {options.Claimants} come and go");
    }

    private void AddHost(bool smallDisk)
    {
        var lab = network.AddHost();
        hosts.Add(new ChaosHost(lab, recorder, smallDisk ? SmallDisk.On(lab) : null));
    }

    /// <summary>Every host has its route to every other, and every container has answered every other.</summary>
    private async Task SteadyAsync()
    {
        var steady = Steady.Select(host => host.Lab).ToList();
        var subnets = new Dictionary<string, string>();
        foreach (var host in steady)
            subnets[host.Name] = (await host.Api.StatusAsync()).Lease?.Subnet ?? throw new LabException($"{host.Name} has no lease");
        long began = Stopwatch.GetTimestamp();
        foreach (var host in steady)
        {
            while ((await IpRoutes.OfAsync(host)).Count < steady.Count - 1)
            {
                if (Stopwatch.GetElapsedTime(began) > options.Patience)
                    throw new LabException($"{host.Name} does not get its routes");
                await Task.Delay(100);
            }
        }
        recorder.Add(new SteadyFrom(recorder.Now, subnets));
    }

    /// <returns>Seconds that the claim has waited that waited longest when all was over.</returns>
    private async Task<double> BreakAsync(CancellationToken cancel)
    {
        var schedule = ScheduleMaker.Make(
            options.Seed, new ScheduleSettings(options.Length.TotalSeconds, options.Hosts, options.Core, options.Claimants, smallDisks));
        var claimants = Coming.Select((host, index) => new Claimant(host, recorder, new Random(HashCode(options.Seed, index)), say)).ToList();
        var coming = claimants.Select(claimant => claimant.RunAsync()).ToList();
        await new ActRunner(hosts, options.Hosts, options.Core, recorder, say).RunAsync(schedule, cancel);
        double waiting = claimants.Max(claimant => claimant.WaitsSince is { } since ? recorder.Now - since : 0);
        foreach (var claimant in claimants)
            claimant.Stop();
        await Task.WhenAll(coming);
        return waiting;
    }

    private static int HashCode(int seed, int index) => unchecked((seed * 31) + index + 1);

    private async Task HealAsync()
    {
        // The acts have undone themselves; who has left comes back.
        foreach (var host in hosts)
            host.Start();
        double healed = recorder.Now;
        recorder.Add(new Healed(healed, options.Patience.TotalSeconds));
        say($"{healed,7:0.0} everything is healed");
        IReadOnlyList<EndState> states;
        do
        {
            await Task.Delay(500);
            foreach (var host in Coming)
                host.Start();
            states = await Task.WhenAll(hosts.Select(EndStates.OfAsync));
        }
        while (EndRules.Unsettled(states).Any() && recorder.Now - healed < options.Patience.TotalSeconds);
        recorder.Add(new Settled(recorder.Now, states));
        say($"{recorder.Now,7:0.0} {(EndRules.Unsettled(states).FirstOrDefault() is { } why ? $"NOT well: {why}" : "all is well")}");
        await Task.Delay(1000);
    }

    /// <summary>Saves what is needed to find out.</summary>
    /// <returns>The directory.</returns>
    private string Keep(IReadOnlyList<Violation> violations)
    {
        string directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"akka-overlay-chaos-{options.Seed}-{Environment.ProcessId}")).FullName;
        HistoryFile.Write(Path.Combine(directory, "history.jsonl"), recorder.Snapshot());
        File.WriteAllLines(Path.Combine(directory, "violations.txt"), violations.Select(violation => violation.ToString()));
        foreach (var host in hosts.Where(host => File.Exists(host.Lab.LogFile)))
            File.Copy(host.Lab.LogFile, Path.Combine(directory, $"{host.Name}.log"), overwrite: true);
        return directory;
    }

    private void Unmount()
    {
        foreach (var host in hosts)
            host.Disk?.Unmount();
        hosts.Clear();
    }

    private void OnProcessExit(object? sender, EventArgs e) => Unmount();
}
