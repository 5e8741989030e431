using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Akka.Actor;
using Akka.Cluster;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Host;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>
/// Overlay systems under supervisors in this process, each with an address of its own in 127.0.0.0/8 and one port: a core of three or five, and plain hosts.
/// Each core host has a ledger file of its own, which is wrong for leases and right for everything that these specs ask.
/// </summary>
internal sealed class OverlayLab : IDisposable
{
    private static int laps;

    private readonly ActorSystem host = ActorSystem.Create("lab", "akka.loglevel = WARNING\nakka.coordinated-shutdown.exit-clr = off");
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-lab-");
    private readonly int port = OverlaySettingsSamples.FreePort();
    private readonly Dictionary<int, IActorRef> supervisors = [];

    /// <summary>A third octet of its own, so that a late connection of an earlier lab meets nobody.</summary>
    private readonly int lap = 1 + (Interlocked.Increment(ref laps) % 250);

    public OverlayLab(int core) => Core = core;

    public int Core { get; }

    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>What each core host says of its ledger, where it is not the plain truth.</summary>
    public ConcurrentDictionary<int, LedgerIdentity> Ledgers { get; } = [];

    public IPAddress Address(int number) => IPAddress.Parse($"127.{lap}.0.{number}");

    public string Akka(int number) => OverlayAddress.Of(Address(number), port);

    /// <summary>Who is told of peers to probe, for each host.</summary>
    public Func<ActorSystem, int, IActorRef> Probes { get; init; } = (_, _) => ActorRefs.Nobody;

    /// <summary>What each core host's journal has to say when it is made ready.</summary>
    public ConcurrentDictionary<int, string> Mended { get; } = [];

    /// <summary>What every host has against leaving for good.</summary>
    public string? Objection { get; set; }

    public string StateOf(int number) => directory.CreateSubdirectory($"host{number}").FullName;

    public Guid? IdOf(int number) => new ClusterFiles(StateOf(number), "boot").LoadId();

    /// <param name="seeds">The seed list as this host has it, by numbers; null for the lab's own.</param>
    public void Start(int number, bool bootstrap = false, int[]? seeds = null)
    {
        var list = SeedList.Of((seeds ?? [.. Enumerable.Range(1, Core)]).Select(seed => new Seed($"host{seed}", Address(seed), port)));
        bool isCore = list.Seeds.Any(seed => seed.Address.Equals(Address(number)));
        string state = StateOf(number);
        var settings = new OverlaySettings(
            Address(number),
            Address(number),
            port,
            list,
            isCore ? new CoreSettings(new Disguised(new SqliteJournal(Path.Combine(state, "ledger.db")), number, this), Samples.IPv4Network, new ClusterFiles(state, "boot")) { Bootstrap = bootstrap } : null,
            [],
            new ClaimSettings(Samples.Node(number), $"host{number}", new Underlay("eth0", 1500, Samples.Public(number), Samples.Public(number)), null, null))
        {
            Probes = Probes(host, number),
        };
        var supervisor = host.ActorOf(OverlaySupervisor.Props(() => settings, ActorRefs.Nobody, new Loggers(number, Log), TimeProvider.System, _ => Objection));
        supervisors[number] = supervisor;
        var started = supervisor.Ask<object>(OverlaySupervisor.Start.Instance, TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();
        Assert.IsType<OverlaySupervisor.Started>(started);
    }

    public OverlaySystem? System(int number) =>
        supervisors.TryGetValue(number, out var supervisor)
            ? supervisor.Ask<OverlaySupervisor.Overlay>(OverlaySupervisor.GetOverlay.Instance, TimeSpan.FromSeconds(30)).GetAwaiter().GetResult().System
            : null;

    public Akka.Cluster.Cluster Cluster(int number) => System(number)!.Cluster;

    /// <summary>As kill -9 does, all at once: nobody is told, the ports are closed, nothing starts them again.</summary>
    public void Kill(params int[] numbers)
    {
        var systems = numbers.Select(number => System(number)?.System).OfType<ActorSystem>().ToList();
        foreach (int number in numbers)
        {
            host.Stop(supervisors[number]);
            supervisors.Remove(number);
        }
        Task.WhenAll(systems.Select(system => CoordinatedShutdown.Get(system)
            .Run(CoordinatedShutdown.ClusterDowningReason.Instance, CoordinatedShutdown.PhaseActorSystemTerminate))).Wait(TimeSpan.FromSeconds(30));
    }

    /// <summary>In good order.</summary>
    public void Stop(int number)
    {
        supervisors[number].Ask<OverlaySupervisor.Stopped>(OverlaySupervisor.Stop.Instance, TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
        host.Stop(supervisors[number]);
        supervisors.Remove(number);
    }

    /// <summary>All of these are in one cluster, up, with nobody else, in everyone's eyes.</summary>
    public TimeSpan AwaitTogether(IReadOnlyCollection<int> hosts, int seconds = 60)
    {
        var addresses = hosts.Select(Akka).ToHashSet();
        return Await(
            () => hosts.All(number => System(number) is { } system && IsWhole(system.Cluster.State)) && Uids(hosts).Distinct().Count() == 1,
            seconds,
            () => string.Join('\n', hosts.Select(number => $"{number}: {string.Join(", ", System(number)?.Cluster.State.Members.Select(member => $"{member.Address.Host} {member.Status}") ?? [])}")));

        bool IsWhole(ClusterEvent.CurrentClusterState state) =>
            state.Unreachable.IsEmpty
            && state.Members.All(member => member.Status == MemberStatus.Up)
            && state.Members.Select(member => member.Address.ToString()).ToHashSet().SetEquals(addresses);
    }

    public TimeSpan Await(Func<bool> condition, int seconds = 60, Func<string>? otherwise = null)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s\n{otherwise?.Invoke()}\n{string.Join('\n', Log.TakeLast(60))}");
            Thread.Sleep(50);
        }
        return watch.Elapsed;
    }

    /// <summary>The number of the host where the allocator's singleton is; 0 where there is none.</summary>
    public int Allocator() => supervisors.Keys.FirstOrDefault(IsAllocator);

    private bool IsAllocator(int number)
    {
        if (System(number) is not { IsCore: true } overlay)
            return false;
        try
        {
            overlay.System.ActorSelection("/user/allocator/singleton").ResolveOne(TimeSpan.FromSeconds(2)).GetAwaiter().GetResult();
            return true;
        }
        catch (ActorNotFoundException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Kill([.. supervisors.Keys]);
        host.Terminate().Wait(TimeSpan.FromSeconds(30));
        directory.Delete(recursive: true);
    }

    private IEnumerable<string> Uids(IReadOnlyCollection<int> hosts) =>
        hosts.Select(number => string.Join(' ', Cluster(number).State.Members.Select(member => member.UniqueAddress.Uid)));

    private sealed class Disguised(ILedgerJournal journal, int number, OverlayLab lab) : ILedgerJournal
    {
        public string Hocon => journal.Hocon;

        public bool MayForget => journal.MayForget;

        public LedgerIdentity Identity => lab.Ledgers.GetValueOrDefault(number, journal.Identity);

        public string? Prepare() => journal.Prepare() ?? lab.Mended.GetValueOrDefault(number);

        public ILedgerFence Attach(ActorSystem system) => journal.Attach(system);
    }

    private sealed class Loggers(int number, ConcurrentQueue<string> lines) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => new Logger(number, lines);

        public void Dispose()
        {
        }
    }

    private sealed class Logger(int number, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} host{number} {logLevel}: {formatter(state, exception)} {exception?.Message}");
        }
    }
}
