using System.Globalization;
using System.Net.Sockets;
using Spectre.Console;


namespace AkkaOverlay.Node.Lab.Screen;

/// <summary>
/// State of the hosts and ping matrix, every two seconds, until somebody stops it. Into a pipe go only changes, a line each.
/// </summary>
internal sealed class LiveView(LabNetwork network, LabScreen screen, TimeProvider time)
{
    private const int MostLost = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private HostState[] states = [];
    private IReadOnlyList<(string Title, PingMatrixResult Matrix)> matrices = [];

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await LookAsync(stop);
            if (screen.Redraws)
                await screen.LiveAsync(Render, draw => RepeatAsync(draw, stop));
            else
                await PrintChangesAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is this view's regular end.
        }
    }

    private async Task PrintChangesAsync(CancellationToken stop)
    {
        foreach (string hint in Hints(network))
            screen.Line(hint);
        string before = "";
        await RepeatAsync(() =>
        {
            string now = Describe();
            if (now != before)
                screen.Line(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss} {now}"));
            before = now;
        }, stop);
    }

    private async Task RepeatAsync(Action show, CancellationToken stop)
    {
        while (true)
        {
            show();
            await Task.Delay(Interval, time, stop);
            await LookAsync(stop);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        foreach (var host in network.Hosts)
            Rewire(host);
        var asked = await Task.WhenAll(network.Hosts.Select(host => HostState.OfAsync(host, stop)));
        matrices = await Matrices.RunAsync(network.Hosts, count: 1, stop);
        states = asked;
    }

    /// <summary>Another subnet or MTU: a container's tools would have to be told, here the lab does it.</summary>
    private static void Rewire(LabHost host)
    {
        try
        {
            host.ConnectContainer();
        }
        catch (LabException)
        {
            // The node removed subnet.env; what was wired stays and its pings tell.
        }
    }

    /// <summary>The hints stand above what may be taller than the terminal.</summary>
    private Rows Render()
    {
        var grids = matrices.Select(each => screen.Matrix(each.Matrix, each.Title));
        var hints = Hints(network).Select(hint => new Markup(hint));
        return states.Length <= MatrixView.MostWithTimes
            ? new Rows([HostTables.States(states), .. grids, .. hints])
            : new Rows([HostTables.States(states), .. hints, .. grids]);
    }

    private string Describe()
    {
        var troubled = states.Where(state => !state.Ready)
            .Select(state => $"{state.Name} not ready ({Markup.Escape(state.Trouble)})")
            .ToArray();
        string ready = troubled.Length == 0 ? $"all {states.Length} hosts ready" : string.Join(", ", troubled);
        var lost = matrices.SelectMany(each => each.Matrix.Pairs)
            .Where(pair => !pair.Cell.IsComplete)
            .Select(pair => $"{pair.From}→{pair.To}")
            .Distinct()
            .ToArray();
        return lost.Length == 0
            ? $"{ready}, all pairs answer"
            : $"{ready}, lost: {string.Join(' ', lost.Take(MostLost))}{(lost.Length > MostLost ? " …" : "")}";
    }

    internal static IReadOnlyList<string> Hints(LabNetwork network)
    {
        var (first, last) = (network.Hosts[0], network.Hosts[^1]);
        return
        [
            $"[grey]from a container:[/] ip netns exec {first.Container.Name} ping {last.ContainerAddress ?? last.ContainerAddress6}",
            $"[grey]on a host:       [/] ip netns exec {first.Host.Name} ip route   [grey](Ctrl-C ends)[/]",
        ];
    }
}

/// <summary>One matrix for each family that the network has.</summary>
internal static class Matrices
{
    public static async Task<IReadOnlyList<(string Title, PingMatrixResult Matrix)>> RunAsync(
        IReadOnlyList<LabHost> hosts,
        int count,
        CancellationToken cancel)
    {
        var families = new List<(string Title, AddressFamily Family)>();
        bool ipv6 = hosts.Any(host => host.ContainerAddress6 is not null);
        if (!ipv6 || hosts.Any(host => host.ContainerAddress is not null))
            families.Add((ipv6 ? "IPv4, ms" : "ms", AddressFamily.InterNetwork));
        if (ipv6)
            families.Add(("IPv6, ms", AddressFamily.InterNetworkV6));
        var results = new List<(string, PingMatrixResult)>();
        foreach (var (title, family) in families)
            results.Add((title, await PingMatrix.RunAsync(hosts, count, family: family, cancel: cancel)));
        return results;
    }
}
