using System.CommandLine;
using System.Globalization;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Api;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary>This host: <c>status</c>, <c>peers</c>, <c>routes</c>.</summary>
internal static class StatusCommands
{
    /// <summary>Columns of a terminal in which <c>routes</c> has to be sparing.</summary>
    private const int Narrow = 100;

    public static Command Status() =>
        Output.Query(
            "status", "This host: is it ready, and what is missing.", (client, cancel) => client.StatusAsync(cancel), ApiJson.Default.StatusModel, Show,
            ("--exit-code", "End with status 1 where the host is not ready: for a health check."), status => status.Ready);

    public static Command Peers() =>
        Output.Query("peers", "The other hosts as this one reaches them.", (client, cancel) => client.PeersAsync(cancel), ApiJson.Default.IReadOnlyListPeerModel, Show);

    public static Command Routes() =>
        Output.Query("routes", "Every kernel object of ours on this host: wanted and actual.", (client, cancel) => client.ObjectsAsync(cancel), ApiJson.Default.IReadOnlyListObjectModel, Show);

    private static void Show(StatusModel status)
    {
        Output.DoNotCut();
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn());
        void Row(string name, string? value) => grid.AddRow($"[bold]{name}[/]", Markup.Escape(value ?? "none"));
        grid.AddRow("[bold]Host[/]", $"{Markup.Escape(status.Name)} {(status.Ready ? "[green]ready[/]" : "[red]not ready[/]")}");
        if (status.Network is { } network)
            Row("Network", network);
        Row("Node id", status.Node);
        Row("Subnet", Join(status.Lease?.Subnet, status.Lease?.Ipv6Subnet));
        Row("Back end", $"{status.BackEnd ?? "unknown"}, MTU {status.Mtu}{(status.MtuReason is { } reason ? $": {reason}" : "")}");
        Row("Underlay", $"{status.Interface}, {Join(status.PublicIp, status.PublicIpv6)}");
        if (status.RouteTable != Route.MainTable)
            Row("Route table", status.RouteTable.ToString(CultureInfo.InvariantCulture));
        Row("Cluster", status.Cluster.ToLowerInvariant());
        Row("Peers", status.Peers.ToString(CultureInfo.InvariantCulture));
        Row("Kernel writes", status.KernelWrites.ToString(CultureInfo.InvariantCulture));
        foreach (var component in status.Components)
            grid.AddRow($"  {component.Name}", $"{(component.Ready ? "[green]ready[/]" : "[red]waiting[/]")}  {Markup.Escape(component.Detail)}");
        if (status.Forwarders is { } forwarders)
        {
            var count = forwarders.Counts;
            Row($"  {forwarders.Device}", $"sent {Packets(count["sentPackets"], count["sentBytes"])}, received {Packets(count["receivedPackets"], count["receivedBytes"])}");
            if (forwarders.Drops.Count > 0)
                Row("  dropped", string.Join(", ", forwarders.Drops.Select(drop => $"{drop.Key} {drop.Value}")));
        }
        if (status.Probes is { } probes)
            ProbeLines.Add(grid, probes);
        AnsiConsole.Write(grid);
    }

    private static string Packets(long packets, long octets) => string.Create(CultureInfo.InvariantCulture, $"{packets} packets ({Size(octets)})");

    private static string Size(long octets) => octets switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{octets} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e3:0} kB"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e6:0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e9:0} GB"),
    };

    private static void Show(IReadOnlyList<PeerModel> peers)
    {
        bool counted = peers.Any(peer => peer.Traffic is not null);
        // Beside traffic or IPv6 subnets it does not fit into 80 columns; what fails is in "status".
        bool probed = !counted && peers.All(peer => peer.Subnet.Length <= "255.255.255.255/32".Length);
        string[] columns = ["SUBNET", "HOST", "PUBLIC IP", "BACK END", .. counted ? new[] { "SENT", "RECEIVED" } : [], "STATE", .. probed ? new[] { "PROBE" } : []];
        var table = Output.Table(columns);
        var label = Output.HostLabel(peers.Select(peer => peer.Name));
        foreach (var peer in peers)
        {
            string[] traffic = counted ? [Size(peer.Traffic?.SentBytes ?? 0), Size(peer.Traffic?.ReceivedBytes ?? 0)] : [];
            table.AddRow([Markup.Escape(peer.Subnet), Markup.Escape(label(peer.Name)), peer.PublicIp ?? "-", peer.BackEnd, .. traffic, Output.Colour(peer.State), .. probed ? new[] { ProbeLines.Cell(peer.Probe) } : []]);
        }
        AnsiConsole.Write(table);
        foreach (var chosen in peers.Where(peer => peer.Reason is not null).GroupBy(peer => (peer.BackEnd, peer.Reason)))
            Console.WriteLine($"{chosen.Key.BackEnd} to {string.Join(", ", chosen.Select(peer => label(peer.Name)).Distinct())}: {chosen.Key.Reason}");
        ShowErrors(peers.Select(peer => peer.Error));
        Console.WriteLine($"{peers.Count} routes to peers, {peers.Count(peer => peer.State == "ok")} ok");
    }

    private static void Show(IReadOnlyList<ObjectModel> objects)
    {
        var table = Output.Table("KIND", "NAME", "WANTED", "STATE");
        foreach (var item in objects)
        {
            string wanted = item.State is "ok" or "missing" or "waiting" || item.Actual is null ? item.Wanted ?? "-" : $"{item.Wanted ?? "nothing"}; is: {item.Actual}";
            table.AddRow(new Markup(item.Kind), new Markup(Markup.Escape(item.Name)), new Markup(Markup.Escape(wanted)), new Markup(Output.Colour(item.State)));
        }
        // The names of chains are several words; a column as wide as the others' leaves room for what is wanted.
        if (AnsiConsole.Profile.Width < Narrow)
            table.Columns[1].Width = objects.Where(item => item.Kind != "firewall").Select(item => item.Name.Length).DefaultIfEmpty(Narrow / 4).Max();
        AnsiConsole.Write(table);
        ShowErrors(objects.Select(item => item.Error));
        Console.WriteLine($"{objects.Count} objects, {objects.Count(item => item.State == "ok")} ok");
    }

    private static void ShowErrors(IEnumerable<string?> errors)
    {
        foreach (string error in errors.OfType<string>().Distinct())
            AnsiConsole.MarkupLine($"[red]{Markup.Escape(error)}[/]");
    }

    private static string Join(string? first, string? second) => string.Join(" and ", new[] { first, second }.OfType<string>().DefaultIfEmpty("none"));
}
