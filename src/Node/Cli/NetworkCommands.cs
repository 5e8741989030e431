using System.CommandLine;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary>The network's configuration: <c>network check FILE</c>.</summary>
internal static class NetworkCommands
{
    public static Command Create() => new("network", "The network's configuration.") { Check() };

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
}
