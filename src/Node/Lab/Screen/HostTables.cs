using System.Globalization;
using Spectre.Console;

namespace AkkaOverlay.Node.Lab.Screen;

/// <summary>Tables with a row for each host.</summary>
internal static class HostTables
{
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

    public static Table States(IEnumerable<HostState> states)
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
