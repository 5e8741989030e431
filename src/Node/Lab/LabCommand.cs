using System.CommandLine;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Lab.Screen;

namespace AkkaOverlay.Node.Lab;

/// <summary>The command <c>lab</c>.</summary>
public static class LabCommand
{
    private const int LeastHosts = 2, MostHosts = 100;

    public static Command Create()
    {
        var hosts = new Option<int>("--hosts")
        {
            Description = $"How many hosts, {LeastHosts} to {MostHosts}.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        var core = new Option<int?>("--core")
        {
            Description = "How many of them are the core, which keeps the ledger: 1, 3 or 5. [default: 3, with fewer hosts 1]",
            HelpName = "N",
        };
        var killCore = new Option<bool>("--kill-core") { Description = "After the first ping matrix, kill the allocator's host under traffic and show what that costs." };
        var backEnd = new Option<string?>("--backend")
        {
            Description = "The back end, whatever the net-conf file says.",
            HelpName = "NAME",
        };
        backEnd.CompletionSources.Add([.. BackEndRegistry.Names.Where(name => !BackEndRegistry.IsCloud(name) && name != ExtensionConfig.TypeName)]);
        var netConf = new Option<FileInfo?>("--net-conf")
        {
            Description = "The network configuration; 10.244.0.0/16 over vxlan without it.",
            HelpName = "FILE",
        };
        var once = new Option<bool>("--once") { Description = "Ping all pairs once and end: 0 if every one answers without loss, else 1." };
        var keep = new Option<bool>("--keep") { Description = "Leave everything running at the end." };
        var remove = new Option<bool>("--remove") { Description = "Remove labs that were kept or left behind, and do nothing else." };
        hosts.Validators.Add(result =>
        {
            // What is no number at all, the option refuses by itself.
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int count) && count is < LeastHosts or > MostHosts)
                result.AddError($"--hosts must be {LeastHosts} to {MostHosts}, not {count}.");
        });

        core.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int count) && count is not (1 or 3 or 5))
                result.AddError($"--core must be 1, 3 or 5, not {count}.");
        });

        var command = new Command("lab", "A whole overlay on this one machine: hosts and containers as network namespaces.")
        {
            hosts, core, killCore, backEnd, netConf, once, keep, remove,
        };
        command.SetAction((result, cancel) =>
        {
            int count = result.GetValue(hosts);
            var options = new LabOptions(count, result.GetValue(core) ?? (count < 3 ? 1 : 3), result.GetValue(once), result.GetValue(keep), result.GetValue(killCore));
            return RunAsync(options, result.GetValue(backEnd), result.GetValue(netConf)?.FullName, result.GetValue(remove), cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(LabOptions options, string? backEnd, string? netConfFile, bool remove, CancellationToken cancel)
    {
        var error = Console.Error;
        if (options.Core > options.Hosts)
            return Fail(2, $"akka-overlay: --core {options.Core} needs as many hosts, not {options.Hosts}");
        if (options.KillCore && options.Core == 1)
            return Fail(2, "akka-overlay: --kill-core needs a core that bears the loss of a host: --core 3");
        if (!TryReadNetConf(backEnd, netConfFile, out string netConf, out string problem))
            return Fail(2, $"akka-overlay: {problem}");
        if (!MayMakeNamespaces())
            return Fail(1, "akka-overlay: the lab needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN) for its network namespaces; run it with sudo");
        if (remove)
            return Remove();
        return await new LabSession(options, new LabSettings { NetConf = netConf, CoreHosts = options.Core }, LabScreen.OfStandardOutput(), error).RunAsync(cancel);

        int Fail(int code, string message)
        {
            error.WriteLine(message);
            return code;
        }
    }

    private static int Remove()
    {
        try
        {
            var removed = LabSweep.Run(alsoKept: true);
            Console.Out.WriteLine(removed.Count == 0 ? "there is no lab to remove" : $"removed {string.Join(", ", removed)}");
            return 0;
        }
        catch (LabException e)
        {
            Console.Error.WriteLine($"akka-overlay: {e.Message}");
            return 1;
        }
    }

    private static bool TryReadNetConf(string? backEnd, string? file, out string netConf, out string problem)
    {
        (netConf, problem) = (LabNetConf.Default, "");
        try
        {
            if (file is not null)
                netConf = File.ReadAllText(file);
            if (backEnd is not null)
                netConf = LabNetConf.WithBackEnd(netConf, backEnd);
            NetConf.Parse(netConf);
            return true;
        }
        catch (Exception e) when (e is NetConfException or IOException or UnauthorizedAccessException)
        {
            problem = file is null ? $"--backend {backEnd}: {e.Message}" : $"--net-conf {file}: {e.Message}";
            return false;
        }
    }

    /// <summary>Tried, as a capability may be there and not suffice: in a container, for example.</summary>
    private static bool MayMakeNamespaces()
    {
        if (!Capabilities.HasNetAdmin())
            return false;
        string probe = new LabName(Environment.ProcessId, 999_999).Underlay;
        try
        {
            using (NetworkNamespace.Create(probe))
                NetworkNamespace.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
