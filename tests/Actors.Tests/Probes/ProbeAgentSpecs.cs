using System.Collections.Concurrent;
using System.Net;
using Akka.Actor;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.Tests.Cluster;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>What the agents of three real overlay systems say to each other, and to managers that the test plays.</summary>
public sealed class ProbeAgentSpecs : IDisposable
{
    private readonly ConcurrentDictionary<int, Recorder> recorders = [];
    private readonly OverlayLab lab;

    public ProbeAgentSpecs() => lab = new OverlayLab(1)
    {
        Probes = (system, number) => system.ActorOf(Props.Create(() => new RecorderActor(recorders.GetOrAdd(number, _ => new Recorder(number))))),
    };

    public void Dispose() => lab.Dispose();

    [Fact]
    public void Every_host_hears_where_its_neighbours_can_be_probed_and_whether_they_are_there()
    {
        lab.Start(1);
        lab.Start(2);
        lab.Start(3);
        lab.AwaitTogether([1, 2, 3]);
        lab.Await(() => recorders.Values.All(recorder => recorder.Neighbours.Count == 2 && recorder.Heard.Count == 2), 20);
        Assert.Equal([lab.Akka(2), lab.Akka(3)], recorders[1].Neighbours.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("host2", recorders[1].Heard[lab.Akka(2)].Name);
        Assert.Equal(new ProbeToken(2), recorders[3].Heard[lab.Akka(2)].Token);

        // What a host says of itself later is heard by all.
        recorders[2].Change(said => said with { Mtu = 1400 });
        lab.Await(() => recorders[1].Heard[lab.Akka(2)].Mtu == 1400 && recorders[3].Heard[lab.Akka(2)].Mtu == 1400, 15);

        // Asked for a word, a neighbour speaks at once.
        int before = recorders[1].Words;
        recorders[1].Agent!.Tell(new ProbeProtocol.Check(lab.Akka(3)), recorders[1].Self!);
        lab.Await(() => recorders[1].Words > before, 3);

        lab.Stop(3);
        lab.Await(() => recorders[1].Neighbours.Keys.SequenceEqual([lab.Akka(2)]), 15);
        lab.Kill(2);
        lab.Await(() => recorders[1].Neighbours.Values.All(reachable => !reachable), 20);
    }

    /// <summary>A manager that says where its host is and remembers what it is told.</summary>
    private sealed class Recorder(int number)
    {
        private ProbeProtocol.Announcement own =
            new(Samples.Node(number), $"host{number}", [new IPEndPoint(IPAddress.Parse($"10.244.{number}.0"), 40_000)], new ProbeToken((ulong)number), 1450, null, false);

        public IActorRef? Agent { get; private set; }

        public IActorRef? Self { get; set; }

        public ConcurrentDictionary<string, ProbeProtocol.Announcement> Heard { get; } = [];

        public IReadOnlyDictionary<string, bool> Neighbours { get; private set; } = new Dictionary<string, bool>();

        public int Words { get; private set; }

        public void Change(Func<ProbeProtocol.Announcement, ProbeProtocol.Announcement> change)
        {
            own = change(own);
            Agent!.Tell(new ProbeProtocol.Own(own), Self!);
        }

        public void On(ProbeProtocol.Neighbours message, IActorRef sender)
        {
            Agent = sender;
            Neighbours = message.All.ToDictionary(neighbour => neighbour.Member, neighbour => neighbour.Reachable);
            sender.Tell(new ProbeProtocol.Own(own), Self!);
        }

        public void On(ProbeProtocol.Heard message)
        {
            Heard[message.Member] = message.Said;
            Words++;
        }
    }

    private sealed class RecorderActor : ReceiveActor
    {
        public RecorderActor(Recorder recorder)
        {
            recorder.Self = Self;
            Receive<ProbeProtocol.Neighbours>(message => recorder.On(message, Sender));
            Receive<ProbeProtocol.Heard>(recorder.On);
        }
    }
}
