using System.Diagnostics;
using System.Text.Json.Nodes;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>
/// What a container runtime does with config/cni/10-akka-overlay.conflist on one lab host: every plugin of the list in turn, each with the result of the one before; for DEL in reverse.
/// Only the paths are the lab's.
/// </summary>
/// <param name="masquerade">Whether the bridge does; null: as the file and the node say.</param>
/// <param name="instead">Another executable in the place of ours, with the same configuration.</param>
internal sealed class CniRuntime(LabHost host, string version, bool? masquerade = null, string? instead = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly JsonObject list = JsonNode.Parse(File.ReadAllText(Repository.File("config/cni/10-akka-overlay.conflist")))!.AsObject();

    /// <summary>Where Debian, Fedora and the projects' own archives put plugins.</summary>
    public static string Plugins { get; } = new[] { "/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni" }.FirstOrDefault(directory => File.Exists($"{directory}/bridge")) ?? "/usr/lib/cni";

    public static string Executable { get; } = Repository.File("artifacts/akka-overlay-cni/akka-overlay-cni");

    /// <summary>host-local's own record of addresses.</summary>
    public string Reservations => Path.Combine(host.StateDirectory, "ipam", "akka-overlay");

    /// <summary>The distribution's portmap knows no CNI 1.1, and nobody translates for it: there ours stands alone.</summary>
    private IEnumerable<JsonObject> InOrder => list["plugins"]!.AsArray().Select(plugin => plugin!.AsObject()).Take(version == "1.1.0" ? 1 : int.MaxValue);

    /// <summary>All plugins of the list; the last one's result.</summary>
    public async Task<JsonObject> Add()
    {
        JsonObject? result = null;
        foreach (var plugin in InOrder)
            result = await Must("ADD", plugin, result);
        return result!;
    }

    public async Task Delete(JsonObject result)
    {
        foreach (var plugin in InOrder.Reverse())
            await Must("DEL", plugin, result);
    }

    /// <summary>Ours alone, with the network as it stands in the file.</summary>
    public Task<CommandResult> Run(string command, JsonObject? result = null, Action<JsonObject>? change = null) => Run(command, list["plugins"]![0]!.AsObject(), result, change);

    private async Task<JsonObject?> Must(string command, JsonObject plugin, JsonObject? result)
    {
        var ended = await Run(command, plugin, result, null);
        Assert.True(ended.ExitCode == 0, $"{command} of {plugin["type"]} on {host.Name}: {ended}");
        return ended.Output.Length == 0 ? null : JsonNode.Parse(ended.Output)!.AsObject();
    }

    private async Task<CommandResult> Run(string command, JsonObject plugin, JsonObject? result, Action<JsonObject>? change)
    {
        var conf = plugin.DeepClone().AsObject();
        string type = conf["type"]!.GetValue<string>();
        conf["name"] = list["name"]!.DeepClone();
        conf["cniVersion"] = version;
        if (result is not null)
            conf["prevResult"] = result.DeepClone();
        bool ours = type == Path.GetFileName(Executable);
        if (ours)
        {
            conf["subnetFile"] = host.SubnetFile;
            conf["dataDir"] = Path.Combine(host.StateDirectory, "cni");
            conf["ipam"] = new JsonObject { ["dataDir"] = Path.Combine(host.StateDirectory, "ipam") };
            if (masquerade is { } wanted)
                conf["delegate"]!["ipMasq"] = wanted;
        }
        change?.Invoke(conf);
        return await Execute(ours ? instead ?? Executable : Path.Combine(Plugins, type), command, conf.ToJsonString());
    }

    private async Task<CommandResult> Execute(string program, string command, string input)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CNI_COMMAND"] = command;
        start.Environment["CNI_CONTAINERID"] = host.Container.Name;
        start.Environment["CNI_NETNS"] = $"/run/netns/{host.Container.Name}";
        start.Environment["CNI_IFNAME"] = "eth0";
        start.Environment["CNI_PATH"] = Plugins;
        using var process = host.Host.StartProcess(start);
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {command} did not end within {Patience.TotalSeconds} s");
        }
    }
}
