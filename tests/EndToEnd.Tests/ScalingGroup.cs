using System.Diagnostics;
using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>How a host of the group goes away.</summary>
internal enum Exit
{
    /// <summary><c>cluster leave</c>, typed on a host that stays.</summary>
    Leave,

    /// <summary>SIGTERM, with <c>--on-exit release</c>.</summary>
    Release,

    /// <summary>SIGKILL: nobody is told.</summary>
    Vanish,
}

/// <summary>The hosts of a lab that an autoscaler starts and stops, beside those that stay. Few start at a time: each keeps a processor busy while it does.</summary>
internal sealed class ScalingGroup(OverlayLab lab, IReadOnlyList<LabHost> staying)
{
    private const int AtATime = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly List<LabHost> running = [];
    private readonly List<LabHost> vanished = [];

    public IReadOnlyList<LabHost> Running => running;

    public IReadOnlyList<LabHost> Vanished => vanished;

    /// <summary>Starts the hosts that vanished, and new ones, until so many run; each is done when every staying host's container has reached its own.</summary>
    /// <returns>How long each new one took from the process's start: who vanished was reached all the time.</returns>
    public async Task<IReadOnlyList<TimeSpan>> GrowTo(int hosts)
    {
        var coming = vanished.ToList();
        int returning = coming.Count;
        vanished.Clear();
        while (staying.Count + running.Count + coming.Count < hosts)
            coming.Add(lab.Network.AddHost());
        var times = await FewAtATime(coming, Start);
        running.AddRange(coming);
        return [.. times.Skip(returning)];
    }

    /// <summary>Takes every host of the group away, each in the way that its place says; those that vanish go first.</summary>
    /// <returns>For each that was told: from the word until its route is gone on every staying host.</returns>
    public async Task<IReadOnlyList<TimeSpan>> ShrinkAway(Func<int, Exit> way)
    {
        var ways = running.Select((host, i) => (Host: host, Way: way(i))).ToList();
        vanished.AddRange(ways.Where(item => item.Way == Exit.Vanish).Select(item => item.Host));
        foreach (var host in vanished)
        {
            host.Kill();
            await host.WaitForExitAsync();
        }
        var times = await FewAtATime(ways.Where(item => item.Way != Exit.Vanish).ToList(), item => Stop(item.Host, item.Way));
        running.Clear();
        foreach (var (host, _) in ways.Where(item => item.Way != Exit.Vanish))
            lab.Network.RemoveHost(host);
        return times;
    }

    private static async Task<IReadOnlyList<TimeSpan>> FewAtATime<T>(IReadOnlyList<T> items, Func<T, Task<TimeSpan>> act)
    {
        using var room = new SemaphoreSlim(AtATime);
        return await Task.WhenAll(items.Select(async item =>
        {
            await room.WaitAsync();
            try
            {
                return await act(item);
            }
            finally
            {
                room.Release();
            }
        }));
    }

    private async Task<TimeSpan> Start(LabHost host)
    {
        long began = Stopwatch.GetTimestamp();
        host.Start("--on-exit", "release");
        // A subnet.env of an earlier life may be there, with what the host gets again.
        await Eventually($"{host.Name} has its subnet", () => Task.FromResult(File.Exists(host.SubnetFile)), Patience);
        host.ConnectContainer();
        await Task.WhenAll(staying.Select(from => Eventually(
            $"{from.Name} reaches {host.Name}", async () => await from.Pinger.PingAsync(host.ContainerAddress!, TimeSpan.FromMilliseconds(200)) is not null, Patience)));
        var took = Stopwatch.GetElapsedTime(began);
        await host.WaitReadyAsync(Patience);
        host.ConnectContainer();
        return took;
    }

    private async Task<TimeSpan> Stop(LabHost host, Exit way)
    {
        string subnet = await Subnet(host);
        long told = Stopwatch.GetTimestamp();
        if (way == Exit.Release)
            host.Terminate();
        else
            Assert.Equal("", (await Command.AkkaOverlay("cluster", "leave", $"{host.UnderlayAddress}:4053", "--run-dir", staying[0].RunDirectory)).Error);
        await Task.WhenAll(staying.Select(other => Eventually($"{other.Name} has no route to {host.Name}", async () => !(await OurRoutes(other)).Contains(subnet), Patience)));
        var took = Stopwatch.GetElapsedTime(told);
        using var end = new CancellationTokenSource(Patience);
        Assert.Equal(0, await host.WaitForExitAsync(end.Token));
        return took;
    }
}
