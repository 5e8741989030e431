using System.Diagnostics;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Lab;

/// <summary>What a lab goes through until its containers can talk.</summary>
public enum LabStep
{
    Namespaces,
    Nodes,
    Cluster,
    Leases,
    Peers,
    Containers,
}

/// <summary>Makes hosts, starts their nodes, waits until they know each other, and wires the containers.</summary>
/// <param name="report">Gets step, how many hosts have come that far, and of how many. Several times with the same numbers.</param>
public sealed class LabBringUp(LabNetwork network, int count, Action<LabStep, int, int> report)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Nodes that have not yet answered, at a time: each keeps a core busy while it starts.</summary>
    private static readonly int Starting = Math.Max(2, Environment.ProcessorCount);

    private readonly Dictionary<LabHost, StatusModel?> seen = [];
    private readonly HashSet<LabHost> programmed = [];

    /// <summary>More arguments for a host's node.</summary>
    public Func<LabHost, IEnumerable<string>> ExtraArguments { get; init; } = static _ => [];

    /// <exception cref="LabException">A node ended or was not ready in time; the end of its log is with it.</exception>
    public async Task RunAsync(TimeSpan timeout, CancellationToken cancel = default)
    {
        for (report(LabStep.Namespaces, 0, count); network.Hosts.Count < count; report(LabStep.Namespaces, network.Hosts.Count, count))
        {
            cancel.ThrowIfCancellationRequested();
            network.AddHost();
        }
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            StartSome();
            await LookAsync(cancel);
            if (programmed.Count == count)
                break;
            if (Stopwatch.GetElapsedTime(start) > timeout)
                throw TooLate(timeout);
            await Task.Delay(PollInterval, cancel);
        }
        for (int i = 0; i < count; i++)
        {
            network.Hosts[i].ConnectContainer();
            report(LabStep.Containers, i + 1, count);
        }
    }

    /// <summary>The core comes first, and all of it: the others would only wait for it.</summary>
    private void StartSome()
    {
        int answering = seen.Values.Count(status => status is not null);
        var core = network.Core.ToList();
        bool coreAnswers = core.All(host => seen.GetValueOrDefault(host) is not null);
        int room = coreAnswers ? Starting - (seen.Count - answering) : core.Count - seen.Count;
        foreach (var host in network.Hosts.Where(host => host.Process is null).Take(room))
        {
            host.Start(ExtraArguments(host));
            seen.Add(host, null);
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        await Task.WhenAll(seen.Keys.Except(programmed).ToArray().Select(async host =>
        {
            var status = await StatusOfAsync(host, cancel);
            lock (seen)
                seen[host] = status ?? seen[host];
        }));
        foreach (var (host, status) in seen)
        {
            await host.ThrowIfEndedAsync();
            if (status is { Ready: true })
                host.ReadyAfter ??= host.Uptime;
            if (status is { Ready: true } && IsUp(status) && status.Peers >= ExpectedPeers(status))
                programmed.Add(host);
        }
        report(LabStep.Nodes, seen.Values.Count(status => status is not null), count);
        report(LabStep.Cluster, seen.Values.Count(IsUp), count);
        report(LabStep.Leases, seen.Values.Count(status => status?.Lease is not null), count);
        report(LabStep.Peers, programmed.Count, count);
    }

    private static bool IsUp(StatusModel? status) => "up".Equals(status?.Cluster, StringComparison.OrdinalIgnoreCase);

    /// <summary>These two back ends write no routes of their own.</summary>
    private int ExpectedPeers(StatusModel status) => status.BackEnd is "alloc" ? 0 : count - 1;

    private static async Task<StatusModel?> StatusOfAsync(LabHost host, CancellationToken cancel)
    {
        try
        {
            return await host.Api.StatusAsync(cancel);
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private LabException TooLate(TimeSpan timeout)
    {
        var late = network.Hosts.First(host => !programmed.Contains(host));
        string why = seen.GetValueOrDefault(late) switch
        {
            null when late.Process is null => "it was not started, as those before it do not answer",
            null => "it does not answer",
            { Ready: true } status when !IsUp(status) => $"its membership is {status.Cluster}",
            { Ready: true } status => $"{status.Peers} of {ExpectedPeers(status)} peers are programmed",
            { } status => NotReady.Because(status.Components),
        };
        return late.Failure($"{late.Name} is not ready after {timeout.TotalSeconds:0} s: {why}");
    }
}
