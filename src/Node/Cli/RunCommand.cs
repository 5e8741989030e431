using System.CommandLine;
using AkkaOverlay.Node.Logging;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>akka-overlay run</c>: the node.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var command = new Command("run", "Join the overlay network and hold this host's part of it until told to stop.");
        var options = RunOptions.Specs.ToDictionary(spec => spec.Name, spec => spec.ToOption());
        foreach (var option in options.Values)
            command.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            using var signals = new StopSignals();
            var given = RunOptions.Gather(
                spec => parsed.GetResult(options[spec.Name]) is { Implicit: false } ? spec.Given(parsed.GetValue(options[spec.Name])) : null,
                Environment.GetEnvironmentVariable);
            // It may hold a password, which is no business of the programs that this one starts.
            Environment.SetEnvironmentVariable("AKKA_OVERLAY_JOURNAL_CONNECTION", null);
            var plan = Preflight.Check(RunOptions.From(given));
            using var loggers = NodeLogging.Create(plan.Options.LogFormat);
            using var node = new NodeProcess(plan, signals, loggers);
            return await node.RunAsync();
        });
        return command;
    }
}
