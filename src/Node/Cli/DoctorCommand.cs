using System.CommandLine;
using System.Text.Json;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Doctor;
using AkkaOverlay.Node.Options;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>akka-overlay doctor</c>: what on this machine spoils the overlay, and the command that mends it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command(
            "doctor",
            "Look for what spoils an overlay on this machine, with the node running or stopped, and say what mends it. Changes nothing. Takes the options of run. Exit 1 where something bites.");
        var options = RunOptions.Specs.ToDictionary(spec => spec.Name, spec => spec.ToOption());
        foreach (var option in options.Values)
            command.Add(option);
        var json = new Option<bool>("--json") { Description = "The answer as JSON." };
        command.Add(json);
        command.SetAction(async (parsed, _) =>
        {
            var given = RunOptions.Gather(
                spec => parsed.GetResult(options[spec.Name]) is { Implicit: false } ? spec.Given(parsed.GetValue(options[spec.Name])) : null,
                Environment.GetEnvironmentVariable);
            var result = AllChecks.Judge(await new DoctorGatherer(DoctorOptions.From(given)).Gather());
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(result, ApiJson.Default.DoctorModel));
            else
                Show(result);
            return result.Bites == 0 ? 0 : 1;
        });
        return command;
    }

    private static void Show(DoctorModel result)
    {
        // Never broken into lines: the commands are to be copied.
        AnsiConsole.Profile.Width = 10_000;
        int names = result.Checks.Max(check => check.Name.Length);
        foreach (var finding in result.Findings.OrderByDescending(finding => finding.Bites))
        {
            AnsiConsole.MarkupLine(
                $"{(finding.Bites ? "[red]BITES[/]" : "[yellow]note[/] ")}  {finding.Check.PadRight(names)}  {Markup.Escape(finding.What)}: {Markup.Escape(finding.Why)}. Mend: [bold]{Markup.Escape(finding.Mend)}[/]");
        }
        foreach (string unseen in result.Unseen)
            AnsiConsole.MarkupLine($"       {"not seen".PadRight(names)}  {Markup.Escape(unseen)}");
        Console.WriteLine($"ok: {string.Join(", ", result.Checks.Where(check => check.State == "ok").Select(check => check.Name))}");
        Console.WriteLine($"{result.Checks.Count} checks: {result.Bites} findings bite, {result.Findings.Count - result.Bites} notes");
    }
}
