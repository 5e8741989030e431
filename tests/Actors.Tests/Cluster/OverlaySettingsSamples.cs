using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Tests.Cluster;

internal static class OverlaySettingsSamples
{
    /// <summary>A port of 127.0.0.1 that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static SeedList SeedAt(int port) => SeedList.Of([new Seed($"127.0.0.1:{port}", IPAddress.Loopback, port)]);

    /// <param name="ledger">File of the ledger; null makes a plain node.</param>
    public static OverlaySettings Of(int node, int port, int seedPort, string? ledger = null, HeldLease? held = null) => new(
        IPAddress.Loopback,
        IPAddress.Loopback,
        port,
        SeedAt(seedPort),
        ledger is null ? null : new CoreSettings(new SqliteJournal(ledger), Samples.IPv4Network, new ClusterFiles(Path.GetDirectoryName(ledger)!, "boot")),
        [],
        new ClaimSettings(Samples.Node(node), $"host{node}", new Underlay("eth0", 1500, Samples.Public(node), Samples.Public(node)), held, null));
}
