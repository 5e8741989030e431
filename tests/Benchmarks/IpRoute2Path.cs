using System.Diagnostics;
using System.Globalization;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Benchmarks;

/// <summary>The same objects by ip(8) and bridge(8) in batch mode: the files are written beforehand, the tools' whole run counts.</summary>
internal sealed class IpRoute2Path : IDisposable
{
    private readonly BenchNamespace bench;
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-bench-");

    public IpRoute2Path(BenchNamespace bench, HostPlan plan)
    {
        this.bench = bench;
        var peers = plan.Peers.OfType<VxlanPeer>().ToList();
        File.WriteAllLines(FdbFile, peers.Select(peer => $"fdb replace {peer.Mac} dev {peer.Hop.Device} dst {peer.Vtep} self permanent"));
        File.WriteAllLines(IpFile, peers
            .Select(peer => Text($"neigh replace {peer.Hop.Gateway!} lladdr {peer.Mac} dev {peer.Hop.Device} nud permanent protocol 77"))
            .Concat(plan.Routes.Select(route => Text($"route add {route.Destination} via {route.Hop.Gateway!} dev {route.Hop.Device} proto 77 onlink"))));
    }

    private string FdbFile => Path.Combine(directory.FullName, "fdb");

    private string IpFile => Path.Combine(directory.FullName, "ip");

    public TimeSpan Program()
    {
        var watch = Stopwatch.StartNew();
        bench.Run("bridge", "-batch", FdbFile);
        bench.Run("ip", "-batch", IpFile);
        return watch.Elapsed;
    }

    public void Dispose() => directory.Delete(recursive: true);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
