using System.CommandLine;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>akka-overlay explain A B</c>: how a packet goes, and where it stops.</summary>
internal static class ExplainCommand
{
    /// <summary>Two hosts, each of which waits for its neighbours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    public static Command Create()
    {
        var from = new Argument<string>("A") { Description = "The source: a container's address, or a host's." };
        var to = new Argument<string>("B") { Description = "The destination." };
        var runDirectory = Output.RunDirectory();
        var json = new Option<bool>("--json") { Description = "The answer as JSON." };
        var command = new Command("explain", "How a packet goes from address A to address B, on both hosts, and where it stops. Exit 1 where it does. The way back is 'explain B A'.") { from, to, Output.Network, runDirectory, json };
        command.SetAction(async (parsed, cancel) =>
        {
            foreach (string text in new[] { parsed.GetValue(from)!, parsed.GetValue(to)! })
            {
                if (!AddressMath.TryParseStrict(text, out _))
                    throw new UsageException($"'{text}': not an IP address");
            }
            using var client = Output.Client(parsed.GetValue(runDirectory)!, Patience);
            var answer = await client.ExplainAsync(parsed.GetValue(from)!, parsed.GetValue(to)!, cancel);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(answer, ApiJson.Default.ExplainModel));
            else
                Show(answer);
            return answer.Ok ? 0 : 1;
        });
        return command;
    }

    private static void Show(ExplainModel answer)
    {
        int places = answer.Steps.Max(step => step.Place.Length);
        int hosts = answer.Steps.Max(step => step.Host.Length);
        foreach (var step in answer.Steps)
        {
            string state = step.State == "ok" ? "[green]ok[/]      " : step.State == "BROKEN" ? "[red]BROKEN[/]  " : $"[yellow]{step.State,-8}[/]";
            Line($"{step.Number,2}  {Markup.Escape(step.Host.PadRight(hosts))}  {Markup.Escape(step.Place.PadRight(places))}  {state}  {Markup.Escape(step.Actual)}");
            string indent = new(' ', 4 + hosts + 2 + places + 2 + 10);
            if (step.State == "ok")
                continue;
            if (step.Wanted is { } wanted)
                Line($"{indent}wanted: {Markup.Escape(wanted)}");
            if (step.Reason is { } reason)
                Line($"{indent}why: {Markup.Escape(reason)}");
            if (step.Mend is { } mend)
                Line($"{indent}mend: [bold]{Markup.Escape(mend)}[/]");
        }
        Console.WriteLine(answer.Stops is { } stop ? $"{answer.From} does not reach {answer.To}: {stop}" : $"{answer.From} reaches {answer.To}, as far as the hosts can see");
    }

    /// <summary>Never cut nor broken: the commands are to be copied.</summary>
    private static void Line(string markup)
    {
        AnsiConsole.Profile.Width = 10_000;
        AnsiConsole.MarkupLine(markup);
    }
}
