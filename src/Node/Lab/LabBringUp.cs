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
        for (long start = Stopwatch.GetTimestamp(); programmed.Count < count; await Task.Delay(programmed.Count < count ? PollInterval : TimeSpan.Zero, cancel))
        {
            StartSome();
            await LookAsync(cancel);
            if (programmed.Count < count && Stopwatch.GetElapsedTime(start) > timeout)
                throw TooLate(timeout);
        }
        for (int i = 0; i < count; i++)
        {
            network.Hosts[i].ConnectContainer();
            report(LabStep.Containers, i + 1, count);
        }
    }

    /// <summary>The first node is the others' seed: they would only wait for it.</summary>
    private void StartSome()
    {
        int answering = seen.Values.Count(status => status is not null);
        bool seedAnswers = seen.GetValueOrDefault(network.Hosts[0]) is not null;
        foreach (var host in network.Hosts.Where(host => host.Process is null).Take(seedAnswers ? Starting - (seen.Count - answering) : 1 - seen.Count))
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
            host.ThrowIfEnded();
            if (status is { Ready: true } && status.Peers >= ExpectedPeers(status) && programmed.Add(host))
                host.ReadyAfter = host.Uptime;
        }
        report(LabStep.Nodes, seen.Values.Count(status => status is not null), count);
        report(LabStep.Cluster, seen.Values.Count(status => "up".Equals(status?.Cluster, StringComparison.OrdinalIgnoreCase)), count);
        report(LabStep.Leases, seen.Values.Count(status => status?.Lease is not null), count);
        report(LabStep.Peers, programmed.Count, count);
    }

    /// <summary>These two back ends write no routes of their own.</summary>
    private int ExpectedPeers(StatusModel status) => status.BackEnd is "alloc" or "extension" ? 0 : count - 1;

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
            { Ready: true } status => $"{status.Peers} of {ExpectedPeers(status)} peers are programmed",
            { } status => string.Join("; ", status.Components.Where(part => !part.Ready).Select(part => $"{part.Name}: {part.Detail}")),
        };
        return late.Failure($"{late.Name} is not ready after {timeout.TotalSeconds:0} s: {why}");
    }
}
