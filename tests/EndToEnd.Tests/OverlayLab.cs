using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A running overlay for one test. When a test fails, every node's log is in its output.</summary>
internal sealed class OverlayLab : IDisposable
{
    public const string Vxlan = """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}""";

    public const string HostGw = """{"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}}""";

    /// <summary>How many times longer than on an ordinary machine things may take: an emulated one is slow.</summary>
    public static double Slowness { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("AKKA_OVERLAY_TEST_SLOWNESS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double times) ? times : 1;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60) * Slowness;

    private readonly ITestOutputHelper output;

    private OverlayLab(LabNetwork network, ITestOutputHelper output)
    {
        Network = network;
        this.output = output;
    }

    public LabNetwork Network { get; }

    public IReadOnlyList<LabHost> Hosts => Network.Hosts;

    public LabHost this[int index] => Network.Hosts[index - 1];

    /// <summary>Hosts with namespaces, but without nodes.</summary>
    public static OverlayLab Prepare(ITestOutputHelper output, int hosts, string netConf = Vxlan, int core = 1)
    {
        var network = LabNetwork.Create(new LabSettings { NetConf = netConf, Executable = Command.Executable, CoreHosts = core });
        var lab = new OverlayLab(network, output);
        try
        {
            for (int i = 0; i < hosts; i++)
                network.AddHost();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>Hosts whose nodes are ready and whose containers are connected.</summary>
    /// <param name="arguments">More of each node's.</param>
    public static async Task<OverlayLab> StartAsync(ITestOutputHelper output, int hosts, string netConf = Vxlan, int core = 1, params string[] arguments)
    {
        var lab = Prepare(output, hosts, netConf, core);
        try
        {
            foreach (var host in lab.Hosts)
                host.Start(arguments);
            await lab.WaitReadyAsync();
            return lab;
        }
        catch
        {
            lab.PrintLogs();
            lab.Dispose();
            throw;
        }
    }

    /// <summary>Waits until every node is ready with every other as a peer, and connects the containers.</summary>
    public async Task WaitReadyAsync()
    {
        foreach (var host in Hosts)
            await host.WaitReadyAsync(StartPatience);
        foreach (var host in Hosts)
        {
            await Eventually($"{host.Name} has all peers", async () => (await host.Api.PeersAsync()).Where(peer => peer.State == "ok").DistinctBy(peer => peer.Node).Count() == Hosts.Count - 1, StartPatience);
            host.ConnectContainer();
        }
        await HaveClusterId(Network.Core);
    }

    /// <summary>Ready is a host with its lease; a founding is over when every seat has written down what it is part of. A seat that has not counts as one that lost its disk.</summary>
    public static async Task HaveClusterId(IEnumerable<LabHost> seats)
    {
        foreach (var seat in seats)
            await Eventually($"{seat.Name} has the cluster's id", () => Task.FromResult(File.Exists(Path.Combine(seat.StateDirectory, "cluster-id"))), StartPatience);
    }

    /// <summary>Waits for something that must come true, and says how long it took.</summary>
    public static async Task<TimeSpan> Eventually(string what, Func<Task<bool>> isSo, TimeSpan patience, TimeSpan? pause = null)
    {
        long began = Stopwatch.GetTimestamp();
        string last = "it is not so";
        while (Stopwatch.GetElapsedTime(began) < patience)
        {
            try
            {
                if (await isSo())
                    return Stopwatch.GetElapsedTime(began);
            }
            catch (ApiException e)
            {
                last = e.Message;
            }
            await Task.Delay(pause ?? (TimeSpan.FromMilliseconds(50) * Slowness));
        }
        throw new TimeoutException($"{what}: not within {patience.TotalSeconds} s ({last})");
    }

    /// <summary>Runs a test's body; where it fails, prints every node's log.</summary>
    public async Task Run(Func<Task> body)
    {
        try
        {
            await body();
        }
        catch
        {
            PrintLogs();
            throw;
        }
    }

    /// <summary>iproute2's JSON of one host: the witness that is not ours.</summary>
    public static async Task<JsonElement> Ip(LabHost host, params string[] arguments)
    {
        var result = await Command.Run(host.Host, "ip", ["-j", .. arguments]);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {result}");
        return JsonDocument.Parse(result.Output.Length == 0 ? "[]" : result.Output).RootElement;
    }

    /// <summary>Destinations of the routes of our protocol number in a host's main table.</summary>
    public static async Task<IReadOnlyList<string>> OurRoutes(LabHost host) =>
        [.. (await Ip(host, "route", "show", "proto", "77")).EnumerateArray().Select(route => route.GetProperty("dst").GetString()!).Order(StringComparer.Ordinal)];

    public static async Task<string> Subnet(LabHost host) => (await host.Api.StatusAsync()).Lease?.Subnet ?? throw new InvalidOperationException($"{host.Name} has no lease");

    /// <summary>A figure for the reader of a test run.</summary>
    public void Measured(string what) => output.WriteLine($"measured: {what}");

    /// <summary>The end of every node's log.</summary>
    public void PrintLogs()
    {
        foreach (var host in Hosts.Where(host => File.Exists(host.LogFile)))
        {
            output.WriteLine($"---- {host.Name}");
            foreach (string line in File.ReadLines(host.LogFile).TakeLast(60))
                output.WriteLine(line);
        }
    }

    /// <summary>Nobody waits for the orderly end of nodes that nobody asks any more.</summary>
    public void Dispose()
    {
        Network.Hurry();
        Network.Dispose();
    }
}
