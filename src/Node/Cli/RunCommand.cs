using System.CommandLine;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

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
            using var loggers = LoggerFactory.Create(Log);
            using var node = new NodeProcess(plan, signals, loggers);
            return await node.RunAsync();
        });
        return command;
    }

    /// <summary>One line per event on stdout; under systemd with the journal's level in front (sd-daemon(3)).</summary>
    private static void Log(ILoggingBuilder builder)
    {
        builder.SetMinimumLevel(LogLevel.Information);
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 })
        {
            builder.AddSystemdConsole();
            return;
        }
        builder.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
    }
}
