using System.Globalization;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Node.Api;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary>What the probes say, for people.</summary>
internal static class ProbeLines
{
    /// <summary>One line where all is well; else one more for each path that fails.</summary>
    public static void Add(Grid grid, ProbesSummaryModel probes)
    {
        string text = !probes.Enabled || probes.Reason is not null ? $"none: {probes.Reason}"
            : string.Create(CultureInfo.InvariantCulture, $"{probes.Ok} of {probes.Probed} paths to peers are fine{(probes.NotProbed > 0 ? $", {probes.NotProbed} peers not probed" : "")}");
        grid.AddRow("[bold]Probes[/]", Markup.Escape(text));
        foreach (var failing in probes.Failing)
        {
            string since = DurationText.Of(TimeSpan.FromSeconds(Math.Ceiling(failing.SinceSeconds ?? 0)));
            grid.AddRow($"  {Markup.Escape(failing.Name)}", $"[red]{failing.State}[/]  for {since}, since {failing.Since?.ToLocalTime():HH:mm:ss}: {Markup.Escape(failing.Text)}; the control plane is fine");
        }
    }

    /// <summary>"ok 0.41 ms", "dead", or "-" for a peer that this host does not probe.</summary>
    public static string Cell(ProbeModel? probe) => probe switch
    {
        null => "-",
        { State: "not probed" or "waiting" } => probe.State,
        { State: "ok", RttMicroseconds: { } rtt } => string.Create(CultureInfo.InvariantCulture, $"[green]ok[/] {rtt / 1000:0.00} ms"),
        _ => Output.Colour(probe.State),
    };
}
