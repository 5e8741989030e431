using System.Diagnostics;
using System.Globalization;
using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>
/// One network's part of one lab host: a node of its own in the host's namespace, with its own files, and a container of its own behind its own bridge. The lab's own node need not run.
/// Ended before the lab, which removes the container's namespace with its own, as it is named alike.
/// </summary>
internal sealed class Tenant : IDisposable
{
    private readonly LabHost host;
    private readonly LabLog log;
    private readonly ContainerWiring wiring;
    private readonly string[] arguments;

    /// <param name="network">Its name; null for the network without one.</param>
    /// <param name="slot">From 1; another one for each network: decides ports and names.</param>
    /// <param name="more">Arguments of every start.</param>
    private Tenant(OverlayLab lab, LabHost host, string? network, int slot, string netConf, int core, string[] more)
    {
        this.host = host;
        Network = network;
        Port = 4060 + slot;
        Bridge = $"br-net{slot}";
        string directory = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(host.StateDirectory)!, $"net{slot}")).FullName;
        StateDirectory = Path.Combine(directory, "state");
        RunDirectory = Path.Combine(directory, "run");
        string file = Path.Combine(directory, "net-conf.json");
        File.WriteAllText(file, netConf);
        log = new LabLog(Path.Combine(directory, "node.log"));
        Container = NetworkNamespace.Create(string.Create(CultureInfo.InvariantCulture, $"{lab.Network.Name}-c{slot}{host.Index:00}"));
        using (var inside = new NamespaceNetlink(Container))
            inside.SetUp("lo");
        wiring = new ContainerWiring(host.Host, Container, Bridge, $"veth-net{slot}");
        Api = new ApiClient(Path.Combine(RunDirectory, "api.sock"), TimeSpan.FromSeconds(5));
        Pinger = new Pinger(Container);
        arguments =
        [
            "run", .. network is null ? [] : new[] { "--network", network }, "--port", $"{Port}",
            .. Enumerable.Range(1, core).SelectMany(seed => new[] { "--seed", LabNetwork.UnderlayAddress(seed).ToString() }), "--iface", "eth0",
            "--state-dir", StateDirectory, "--run-dir", RunDirectory, "--node-name", host.Name, "--net-conf", file, .. more,
        ];
    }

    public string? Network { get; }

    public int Port { get; }

    public string Bridge { get; }

    public string StateDirectory { get; }

    public string RunDirectory { get; }

    public string LogFile => log.Path;

    public NetworkNamespace Host => host.Host;

    public NetworkNamespace Container { get; }

    public ApiClient Api { get; }

    public Pinger Pinger { get; }

    public Process? Process { get; private set; }

    public IPAddress Address => wiring.Current!.Container!;

    public IPAddress? Address6 => wiring.Current!.Container6;

    /// <summary>One of a network on each host.</summary>
    /// <param name="apart">Kept apart by its bridge.</param>
    public static IReadOnlyList<Tenant> OnEach(OverlayLab lab, string? network, int slot, string netConf, bool apart, int core = 1, params string[] more) =>
        [.. lab.Hosts.Select(host => new Tenant(lab, host, network, slot, netConf, core, [.. apart ? new[] { "--bridge", $"br-net{slot}" } : [], .. more]))];

    public void Start() => Start([]);

    /// <param name="withoutDefaults">Without the own port and seeds, for others are given.</param>
    public void Start(IReadOnlyList<string> more, bool withoutDefaults = false)
    {
        string[] all = [.. withoutDefaults ? Without("--port", "--seed") : arguments, .. more];
        var start = new ProcessStartInfo(Command.Executable, all) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        Process?.Dispose();
        Process = Host.StartProcess(start);
        Process.OutputDataReceived += (_, line) => log.Write(line.Data);
        Process.ErrorDataReceived += (_, line) => log.Write(line.Data);
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    /// <summary>A start that must fail.</summary>
    /// <param name="more">In the place of what is given by default for the same options.</param>
    public Task<CommandResult> Refused(params string[] more) => Command.Run(Host, Command.Executable, [.. Without([.. more.Where((_, i) => i % 2 == 0)]), .. more]);

    private string[] Without(params string[] options) =>
        [.. arguments.Take(1), .. arguments.Skip(1).Chunk(2).Where(pair => !options.Contains(pair[0])).SelectMany(pair => pair)];

    /// <summary>A command about this network.</summary>
    public Task<CommandResult> Cli(params string[] command) => Command.Run(Host, Command.Executable, [.. command, .. Network is null ? [] : new[] { "--network", Network }, "--run-dir", RunDirectory]);

    /// <summary><c>doctor</c> with the options of the node.</summary>
    public Task<CommandResult> Doctor(params string[] more) => Command.Run(Host, Command.Executable, ["doctor", .. arguments.Skip(1), .. more]);

    /// <summary><c>doctor</c> about a network on this host that knows nothing yet.</summary>
    /// <param name="directory">Where its files are, or will be.</param>
    public Task<CommandResult> DoctorOf(string network, string netConf, string directory, params string[] more)
    {
        string file = Path.Combine(Directory.CreateDirectory(directory).FullName, "net-conf.json");
        File.WriteAllText(file, netConf);
        return Command.Run(Host, Command.Executable, ["doctor", "--network", network, "--iface", "eth0", "--state-dir", Path.Combine(directory, "state"), "--run-dir", Path.Combine(directory, "run"), "--net-conf", file, .. more]);
    }

    public async Task StopAsync()
    {
        if (Process is not { HasExited: false } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Ready, with every other one of the network as a peer, and its container connected.</summary>
    public static async Task WaitReadyAsync(IReadOnlyList<Tenant> all)
    {
        foreach (var tenant in all)
        {
            await Eventually($"{tenant.host.Name} of {tenant.Network}", async () =>
            {
                if (tenant.Process!.HasExited)
                    Assert.Fail($"it has ended: {string.Join('\n', File.ReadLines(tenant.LogFile).TakeLast(5))}");
                return (await tenant.Api.ReadyAsync()).Ready && (await tenant.Api.PeersAsync()).Where(peer => peer.State == "ok").DistinctBy(peer => peer.Node).Count() == all.Count - 1;
            }, TimeSpan.FromSeconds(60));
            tenant.wiring.Apply(SubnetFile.Read(Path.Combine(tenant.RunDirectory, "subnet.env")));
        }
    }

    /// <summary>Waits until the bridges that were made last are known to the tables of networks that are kept apart.</summary>
    public static async Task LeadsToContainers(IEnumerable<Tenant> all)
    {
        foreach (var tenant in all)
            await Eventually($"a route to {tenant.Bridge}", async () => (await tenant.Api.ObjectsAsync()).Any(item => item is { Kind: "route", State: "ok" } && item.Actual!.Contains(tenant.Bridge, StringComparison.Ordinal)), TimeSpan.FromSeconds(5));
    }

    /// <summary>For the reader of a test that failed.</summary>
    public static void PrintLogs(IEnumerable<Tenant> all, ITestOutputHelper output)
    {
        foreach (var tenant in all.Where(tenant => File.Exists(tenant.LogFile)))
        {
            output.WriteLine($"---- {tenant.host.Name} of {tenant.Network ?? "the default network"}");
            foreach (string line in File.ReadLines(tenant.LogFile).TakeLast(60))
                output.WriteLine(line);
        }
    }

    public void Dispose()
    {
        if (Process is { HasExited: false } process)
        {
            process.Kill();
            process.WaitForExit(5000);
        }
        Process?.Dispose();
        Pinger.Dispose();
        Api.Dispose();
        log.Dispose();
        Container.Dispose();
    }
}
