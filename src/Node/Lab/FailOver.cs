using System.Diagnostics;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Lab;

/// <summary>How the host of the allocator is lost.</summary>
public enum Loss
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGSTOP: alive, and silent.</summary>
    Pause,

    /// <summary>SIGTERM: it says good-bye.</summary>
    Stop,

    /// <summary>The cluster's traffic between it and all others is dropped, both ways: alive, and alone.</summary>
    Cut,
}

/// <param name="Granted">
/// From the loss until a host that joins just then has its lease. By the next allocator; after <see cref="Loss.Stop"/> it may still be by the former one, before its hand-over.
/// </param>
/// <param name="Sent">Pings to every container from every surviving one, the lost host's own included.</param>
/// <param name="Back">From the restart (or the end of the pause, or of the cut) until the lost host is ready and a member again.</param>
public sealed record FailOverResult(LabHost Lost, LabHost Successor, TimeSpan Granted, long Sent, long LostPings, TimeSpan Back, bool SameSubnet);

/// <summary>Takes the allocator's host away while pings run everywhere, and looks from outside what that costs.</summary>
public sealed class FailOver(LabNetwork network, Action<string> say)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public async Task<FailOverResult> RunAsync(Loss loss, CancellationToken cancel = default)
    {
        var lost = await AllocatorAsync(network.Hosts[0], cancel);
        string subnet = await SubnetAsync(lost, cancel);
        var survivors = network.Hosts.Where(host => host != lost).ToList();
        var streams = survivors.SelectMany(host => network.Hosts.Where(other => other != host), (host, other) => host.Pinger.PingStream(other.ContainerAddress!)).ToList();
        try
        {
            await Task.Delay(500, cancel);
            var newcomer = network.AddHost();
            long began = Stopwatch.GetTimestamp();
            await TakeAsync(lost, loss);
            say($"{lost.Name}, the allocator's host, {(loss switch { Loss.Kill => "is killed", Loss.Pause => "stands still", Loss.Cut => "is cut off", _ => "is stopped" })}; {streams.Count} pings every 10 ms go on");
            newcomer.Start();
            await UntilAsync(() => Task.FromResult(File.Exists(newcomer.SubnetFile)), "a host that joins has its lease", cancel);
            var granted = Stopwatch.GetElapsedTime(began);
            string first = await SubnetAsync(newcomer, cancel);
            var successor = await SuccessorAsync(survivors[0], lost, cancel);
            say($"{newcomer.Name} joined and has {first}: granted after {granted.TotalSeconds:0.0} s; {successor.Name} holds the ledger now");

            long returned = Stopwatch.GetTimestamp();
            await GiveBackAsync(lost, loss, cancel);
            await UntilAsync(() => IsMemberAsync(lost, survivors[0], cancel), $"{lost.Name} is a member again", cancel);
            var back = Stopwatch.GetElapsedTime(returned);
            string after = await SubnetAsync(lost, cancel);
            say($"{lost.Name} is back after {back.TotalSeconds:0.0} s with {after}");

            var results = await Task.WhenAll(streams.Select(stream => stream.StopAsync()));
            long sent = results.Sum(result => (long)result.Sent), missing = results.Sum(result => (long)result.Lost.Count);
            say($"{sent} pings, {missing} lost");
            await DismissAsync(newcomer, cancel);
            return new FailOverResult(lost, successor, granted, sent, missing, back, after == subnet);
        }
        finally
        {
            foreach (var stream in streams)
                stream.Dispose();
        }
    }

    /// <summary>The host of the allocator, in a member's eyes: the oldest of the core.</summary>
    public Task<LabHost> AllocatorAsync(LabHost witness, CancellationToken cancel = default) =>
        OldestAsync(witness, except: null, "the core has an oldest member", cancel);

    /// <summary>A witness may hear of a hand-over later than the newcomer that the next allocator has granted a lease.</summary>
    private Task<LabHost> SuccessorAsync(LabHost witness, LabHost lost, CancellationToken cancel) =>
        OldestAsync(witness, except: lost, $"{witness.Name} hears that {lost.Name} has a successor", cancel);

    private async Task<LabHost> OldestAsync(LabHost witness, LabHost? except, string what, CancellationToken cancel)
    {
        LabHost? found = null;
        await UntilAsync(
            async () =>
            {
                var members = await witness.Api.MembersAsync(cancel);
                found = members.OldestPerRole.TryGetValue("core", out string? address)
                    ? network.Hosts.FirstOrDefault(host => address.Contains($"@{host.UnderlayAddress}:", StringComparison.Ordinal))
                    : null;
                return found is not null && found != except;
            },
            what,
            cancel);
        return found!;
    }

    private async Task TakeAsync(LabHost host, Loss loss)
    {
        if (loss == Loss.Kill)
            host.Kill();
        else if (loss == Loss.Pause)
            host.Pause();
        else if (loss == Loss.Cut)
            await CutAsync(host, true);
        else
            host.Terminate();
    }

    private async Task CutAsync(LabHost host, bool cut)
    {
        var others = network.Hosts.Where(other => other != host).ToList();
        await ControlCut.SetAsync(host, cut ? others : []);
        foreach (var other in others)
            await ControlCut.SetAsync(other, cut ? [host] : []);
    }

    private async Task GiveBackAsync(LabHost host, Loss loss, CancellationToken cancel)
    {
        if (loss == Loss.Pause)
        {
            host.Resume();
            return;
        }
        if (loss == Loss.Cut)
        {
            await CutAsync(host, false);
            return;
        }
        await host.WaitForExitAsync(cancel);
        host.Start();
    }

    private static async Task<string> SubnetAsync(LabHost host, CancellationToken cancel)
    {
        string? subnet = null;
        await UntilAsync(async () => (subnet = (await host.Api.StatusAsync(cancel)).Lease?.Subnet) is not null, $"{host.Name} has a lease", cancel);
        return subnet!;
    }

    private static async Task<bool> IsMemberAsync(LabHost host, LabHost witness, CancellationToken cancel)
    {
        var status = await host.Api.StatusAsync(cancel);
        return status.Ready && status.Cluster == "Up"
            && (await witness.Api.MembersAsync(cancel)).Members.Any(member => member.Status == "Up" && member.Node.Contains($"@{host.UnderlayAddress}:", StringComparison.Ordinal));
    }

    /// <summary>The newcomer leaves for good, so that the next run begins as this one did.</summary>
    private async Task DismissAsync(LabHost host, CancellationToken cancel)
    {
        await UntilAsync(
            async () =>
            {
                if (host.IsRunning)
                    await host.Api.LeaveAsync($"{host.UnderlayAddress}:4053", cancel: cancel);
                return !host.IsRunning;
            },
            $"{host.Name} leaves",
            cancel);
        network.RemoveHost(host);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what, CancellationToken cancel)
    {
        string last = "it is not so";
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Patience; await Task.Delay(20, cancel))
        {
            try
            {
                if (await isSo())
                    return;
            }
            catch (ApiException e)
            {
                last = e.Message;
            }
        }
        throw new LabException($"{what}: not within {Patience.TotalSeconds:0} s ({last})");
    }
}
