using System.Diagnostics;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Benchmarks;

/// <summary>A throw-away network namespace with an underlay device, and a socket inside.</summary>
internal sealed class BenchNamespace : IDisposable
{
    private const string Prefix = "ao-bench-";
    private static int s_count;

    /// <summary>Takes away what a run that was killed left behind.</summary>
    static BenchNamespace()
    {
        foreach (string name in NetworkNamespace.Names().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!Directory.Exists($"/proc/{name.Split('-')[2]}"))
                NetworkNamespace.Delete(name);
        }
    }

    public BenchNamespace()
    {
        Name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Inside = NetworkNamespace.Create(Name);
        try
        {
            Kernel = Open();
            AddUnderlay();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public NetworkNamespace Inside { get; }

    public RtnetlinkSocket Kernel { get; } = null!;

    public RtnetlinkSocket Open() => Inside.Run(RtnetlinkSocket.Open);

    /// <summary>What the product and iproute2 must leave alike.</summary>
    public KernelObjects Objects()
    {
        int device = Kernel.FindLink(Peers.Device)?.Index ?? throw new InvalidOperationException($"There is no {Peers.Device}.");
        return new KernelObjects(
            OverlayRoutes().ToHashSet(),
            Kernel.DumpNeighbours(device).Where(entry => entry.State == NeighbourState.Permanent).ToHashSet(),
            Kernel.DumpFdb(device).ToHashSet());
    }

    public IReadOnlyList<Route> OverlayRoutes() => Kernel.DumpRoutes(new RouteFilter { Protocol = RouteReconciler.OverlayProtocol });

    /// <summary>Runs a program inside to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed, or said something on stderr.</exception>
    public void Run(string program, params string[] arguments)
    {
        using var process = Inside.StartProcess(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 || error.Length > 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {error}");
    }

    public void Do(params RtnetlinkChange[] changes)
    {
        foreach (var error in Kernel.Apply(changes))
        {
            if (error is not null)
                throw new InvalidOperationException(error.Text);
        }
    }

    public void Dispose()
    {
        Kernel?.Dispose();
        Inside.Dispose();
        NetworkNamespace.Delete(Name);
    }

    private void AddUnderlay()
    {
        Do(new RtnetlinkChange.CreateVeth(Peers.UnderlayDevice, "peer0"));
        int index = Kernel.FindLink(Peers.UnderlayDevice)!.Index;
        Do(
            new RtnetlinkChange.SetLink(Kernel.FindLink("lo")!.Index) { Up = true },
            new RtnetlinkChange.SetLink(Kernel.FindLink("peer0")!.Index) { Up = true },
            new RtnetlinkChange.SetLink(index) { Up = true },
            new RtnetlinkChange.PutAddress(new InterfaceAddress(index, Peers.UnderlayAddress)));
    }
}

/// <summary>Everything that is there for the peers.</summary>
internal sealed record KernelObjects(HashSet<Route> Routes, HashSet<Neighbour> Neighbours, HashSet<FdbEntry> Fdb)
{
    public bool IsEmpty => Routes.Count + Neighbours.Count + Fdb.Count == 0;

    public bool SameAs(KernelObjects other) =>
        Routes.SetEquals(other.Routes) && Neighbours.SetEquals(other.Neighbours) && Fdb.SetEquals(other.Fdb);

    public override string ToString() => $"{Routes.Count} routes, {Neighbours.Count} neighbours, {Fdb.Count} forwarding entries";
}
