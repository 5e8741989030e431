using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Metrics;
using AkkaOverlay.Node.Page;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaOverlay.Node.Tests.Api;

/// <summary>The management API of a real overlay system with one member, without a host behind it: on a unix socket, and on two TCP ports of loopback.</summary>
public sealed class ApiFixture : IAsyncLifetime, IDisposable
{
    public const string Token = "a-token-of-some-length";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("aol-api-");
    private readonly ActorSystem host = ActorSystem.Create("host");
    private readonly MeterReader meter = new();
    private readonly List<MetricsPage> pages = [];
    private readonly List<PageQueries> drawn = [];
    private readonly int port = FreePort();

    public string SocketPath => Path.Combine(directory.FullName, "api.sock");

    /// <summary>With a token: changes over TCP are allowed.</summary>
    internal ApiServer Guarded { get; private set; } = null!;

    /// <summary>Without one.</summary>
    internal ApiServer ReadOnly { get; private set; } = null!;

    /// <summary>What the servers have logged.</summary>
    internal RecordedLog Log { get; } = new();

    internal ClusterQueries Cluster { get; private set; } = null!;

    internal LedgerQueries Ledger { get; private set; } = null!;

    public string Self => $"akka.tcp://overlay@127.0.0.1:{port}";

    /// <summary>The node was told to leave for good.</summary>
    public bool ToldToLeave { get; private set; }

    private IActorRef Supervisor { get; set; } = ActorRefs.Nobody;

    public async Task InitializeAsync()
    {
        Supervisor = host.ActorOf(OverlaySupervisor.Props(Settings, host.ActorOf(Props.Empty), NullLoggerFactory.Instance, TimeProvider.System, _ => ToldToLeave ? "it is stopping already" : Told()));
        await Supervisor.Ask<OverlaySupervisor.Started>(OverlaySupervisor.Start.Instance, TimeSpan.FromSeconds(30));
        Cluster = new ClusterQueries(Supervisor);
        Ledger = new LedgerQueries(Supervisor);
        Guarded = await ServeAsync(SocketPath, ApiToken.Parse(Token));
        ReadOnly = await ServeAsync(Path.Combine(directory.FullName, "read-only.sock"), null);
        await Eventually(async () => await Cluster.Members() is { Members: [{ Status: "Up" }], Leader: not null } && await Ledger.Ledger() is { Leases.Count: 1 });
    }

    public async Task DisposeAsync()
    {
        await Guarded.StopAsync();
        await Guarded.DisposeAsync();
        await ReadOnly.StopAsync();
        await ReadOnly.DisposeAsync();
        await Supervisor.Ask<OverlaySupervisor.Stopped>(OverlaySupervisor.Stop.Instance, TimeSpan.FromSeconds(30));
        await host.Terminate();
        directory.Delete(recursive: true);
    }

    public void Dispose()
    {
        pages.ForEach(page => page.Dispose());
        drawn.ForEach(page => page.Dispose());
        meter.Dispose();
        Log.Dispose();
    }

    /// <summary>Over the unix socket.</summary>
    internal HttpClient Local() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://akka-overlay"),
    };

    internal static HttpClient Over(ApiServer server) => new() { BaseAddress = new Uri($"http://{server.TcpAddress}") };

    internal static async Task Eventually(Func<Task<bool>> isSo)
    {
        for (int i = 0; !await isSo(); i++)
        {
            Assert.True(i < 600, "it does not come to that");
            await Task.Delay(50);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<ApiServer> ServeAsync(string path, ApiToken? token)
    {
        var nobody = host.ActorOf(Props.Empty);
        var queries = new NodeQueries(nobody, nobody, Supervisor, nobody, NetworkName.Default, 254);
        pages.Add(new MetricsPage(queries, meter));
        drawn.Add(new PageQueries(queries, Ledger, nobody, new EventRing(1, TimeProvider.System), new PageSettings(null, 1)));
        var server = ApiServer.Bind(path, new IPEndPoint(IPAddress.Loopback, 0), token, Log);
        await server.StartAsync(queries, Cluster, Ledger, new ExplainQueries(nobody, Supervisor, nobody), pages[^1], drawn[^1]);
        return server;
    }

    private string? Told()
    {
        ToldToLeave = true;
        return null;
    }

    private OverlaySettings Settings()
    {
        string ledger = Path.Combine(directory.FullName, "ledger.db");
        var address = new HostAddresses(IPAddress.Parse("192.168.7.1"), null);
        return new OverlaySettings(
            IPAddress.Loopback,
            IPAddress.Loopback,
            port,
            SeedList.Of([new Seed($"127.0.0.1:{port}", IPAddress.Loopback, port)]),
            new CoreSettings(new SqliteJournal(ledger), NetConf.Parse("""{ "Network": "10.244.0.0/16" }"""), new ClusterFiles(directory.FullName, "boot")),
            [],
            new ClaimSettings(new NodeId(Guid.NewGuid()), "host1", new Underlay("eth0", 1500, address, address), null, null));
    }
}
