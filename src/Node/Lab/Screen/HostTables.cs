using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaOverlay.Node.Lab.Screen;

/// <summary>Tables with a row for each host.</summary>
internal static class HostTables
{
    private const int MostTroubled = 5;

    public static Table Leases(IEnumerable<LabHost> hosts)
    {
        var table = New("host", "underlay", "subnet", "container", "ready after");
        foreach (var host in hosts)
        {
            table.AddRow(
                host.Name,
                $"{host.UnderlayAddress}",
                Lines(host.Subnet, host.Subnet6),
                Lines(host.ContainerAddress, host.ContainerAddress6),
                host.ReadyAfter is { } time ? LabScreen.Seconds(time) : "");
        }
        return table;
    }

    /// <summary>Of many hosts only those in trouble, below a line that sums up.</summary>
    public static IRenderable States(IReadOnlyList<HostState> states)
    {
        if (states.Count <= MatrixView.MostWithTimes)
            return Table(states);
        var troubled = states.Where(state => !state.Ready).ToArray();
        string color = troubled.Length == 0 ? "green" : "red";
        long writes = states.Sum(state => state.KernelWrites);
        int fewest = states.Min(state => state.Peers);
        var summary = new Markup(string.Create(
            CultureInfo.InvariantCulture,
            $"[{color}]{states.Count - troubled.Length} of {states.Count} hosts ready[/], fewest peers {fewest}, kernel writes {writes}"));
        return troubled.Length == 0 ? summary : new Rows(summary, Table(troubled.Take(MostTroubled)));
    }

    private static Table Table(IEnumerable<HostState> states)
    {
        var table = New("host", "ready", "cluster", "peers", "kernel writes", "");
        foreach (var state in states)
        {
            table.AddRow(
                state.Name,
                state.Ready ? "[green]yes[/]" : "[red]no[/]",
                Markup.Escape(state.Cluster),
                state.Peers.ToString(CultureInfo.InvariantCulture),
                state.KernelWrites.ToString(CultureInfo.InvariantCulture),
                $"[red]{Markup.Escape(state.Trouble)}[/]");
        }
        return table;
    }

    private static Table New(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
            table.AddColumn(column);
        return table;
    }

    private static string Lines(params object?[] values) => string.Join('\n', values.Where(value => value is not null));
}
