using System.Collections;
using AkkaOverlay.Cni;

const string Usage = """
    akka-overlay-cni: gives containers an address of this host's subnet of the overlay. A CNI plugin: a container runtime starts it,
    with CNI_COMMAND (ADD, DEL, CHECK, GC, STATUS or VERSION) in the environment and the network's configuration on standard input.
    Install it beside the plugins bridge and host-local, and configure it as in 10-akka-overlay.conflist.
    """;

switch (args)
{
    case []:
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
        using (Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput())
            return Plugin.Run(environment, Console.IsInputRedirected ? input : Stream.Null, output, Console.Error);
    case ["--help" or "-h"]:
        Console.Out.WriteLine(Usage);
        return 0;
    case ["--version"]:
        Console.Out.WriteLine($"akka-overlay-cni {typeof(Plugin).Assembly.GetName().Version?.ToString(3)}, CNI {string.Join(", ", CniVersion.Supported)}");
        return 0;
    default:
        Console.Error.WriteLine($"akka-overlay-cni: unknown option '{args[0]}': it takes --help and --version");
        return 2;
}
