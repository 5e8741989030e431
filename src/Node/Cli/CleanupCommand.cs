using System.CommandLine;
using System.Text.Json;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>akka-overlay cleanup</c>: what a node leaves in the kernel so that traffic goes on, taken away.</summary>
internal static class CleanupCommand
{
    public static Command Create()
    {
        var command = new Command(
            "cleanup",
            "Remove every kernel object that akka-overlay made on this host for one network, and nothing else. The node must not run. The state directory stays.");
        var options = NodeDirectories.Specs.ToDictionary(spec => spec.Name, spec => spec.ToOption());
        foreach (var option in options.Values)
            command.Add(option);
        var json = new Option<bool>("--json") { Description = "The answer as JSON." };
        command.Add(json);
        command.SetAction(parsed =>
        {
            // All of run's options: node.json may hold any of them.
            var given = RunOptions.Gather(
                spec => options.GetValueOrDefault(spec.Name) is { } option && parsed.GetResult(option) is { Implicit: false }
                    ? parsed.GetValue(option)
                    : null,
                Environment.GetEnvironmentVariable);
            var result = HostCleaner.Run(NodeDirectories.From(given));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(result, ApiJson.Default.CleanupModel));
            else
                Show(result);
            foreach (string error in result.Errors)
                Console.Error.WriteLine($"akka-overlay: {error}");
            return result.Errors.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static void Show(CleanupModel result)
    {
        foreach (var item in result.Removed)
            Console.WriteLine($"removed {item.Kind} {item.Name}");
        Console.WriteLine($"{result.Count} removed; kept {result.Kept}: node id, lease and ledger, for the node's next run");
    }
}
