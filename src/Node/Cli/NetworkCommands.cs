using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary>The network's configuration: <c>network show</c>, <c>check</c>, <c>set</c>.</summary>
internal static class NetworkCommands
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, TypeInfoResolver = ApiJson.Default };

    public static Command Create() => new("network", "The network's configuration.")
    {
        Output.Query("show", "The configuration that the ledger has, with its version, and whether it is on trial.", (client, cancel) => client.NetworkAsync(cancel), ApiJson.Default.NetworkModel, Show),
        Check(),
        NetworkSetCommand.Create(),
    };

    private static Command Check()
    {
        var file = new Argument<string>("FILE") { Description = "A net-conf.json." };
        var command = new Command("check", "Validate a net-conf.json and print what it means, every default included. Touches nothing.") { file };
        command.SetAction(parsed =>
        {
            var network = NetConfFile.Load(parsed.GetValue(file)!, out var warnings);
            foreach (string warning in warnings)
                Console.Error.WriteLine($"akka-overlay: warning: {warning}");
            Console.WriteLine(NetConf.ToEffectiveJson(network));
            return 0;
        });
        return command;
    }

    private static void Show(NetworkModel network)
    {
        string since = network.Since is { } at ? string.Create(CultureInfo.InvariantCulture, $" since {at.ToLocalTime():yyyy-MM-dd HH:mm:ss}") : "";
        string left = network.TrialLeftSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", {Math.Ceiling(seconds)} s left") : "";
        string hosts = network is { Applied: { } applied, Hosts: { } all } ? $"; {applied} of {all} hosts have it and packets pass" : "";
        Console.WriteLine($"Version {network.Version}, {network.State}{since}{left}{hosts}");
        foreach (string host in network.Waiting)
            Console.WriteLine($"  {host}");
        if (network.TakenBack is { } reason)
            Console.WriteLine($"Version {network.Version - 1} was taken back: {reason}");
        if (network.Note is { } note)
            Console.WriteLine(note);
        Console.WriteLine(JsonSerializer.Serialize(network.Config, Indented));
    }
}
