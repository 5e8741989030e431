using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>
/// The packet forwarders of this host, one for each queue of the TUN device. Makes the table that they all read from each new plan, and says when the device is
/// served. Lives beside HostNetwork and not below it: whatever is started again there, packets go on.
/// </summary>
public sealed class ForwarderPoolActor : ReceiveActor, IWithTimers
{
    /// <summary>After a failure that nobody foresaw: what failed at once may do so again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ForwarderOptions options;
    private readonly StartForwarderLoop start;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly ForwardingTables tables = new();
    private readonly List<IActorRef> forwarders = [];

    /// <summary>Those that were stopped, until they have ended.</summary>
    private readonly HashSet<IActorRef> ending = [];
    private readonly List<ForwarderCounters> counters = [];
    private readonly Dictionary<int, ForwarderProtocol.Serving> serving = [];
    private readonly Dictionary<int, string> problems = [];

    private readonly NoiseEndpoint? endpoint;
    private readonly ForwarderPeers known;
    private (ForwarderEncryption Encryption, IActorRef Actor)? exchange;
    private ForwarderProtocol.Serve? order;
    private IActorRef network = ActorRefs.Nobody;
    private long restarts;
    private string? complaint;

    /// <param name="endpoint">Outlives this actor, for with a fresh one peers would take new initiations for old ones. Null for a host that can be in no encrypted network.</param>
    public ForwarderPoolActor(ForwarderOptions options, StartForwarderLoop start, NoiseEndpoint? endpoint)
    {
        this.endpoint = endpoint;
        known = new ForwarderPeers(log);
        this.options = options;
        this.start = start;
        Receive<HostProtocol.SetGoal>(goal =>
        {
            network = Sender;
            Adopt(goal.Plan);
        });
        Receive<RtnetlinkEvent>(change =>
        {
            // One that is not persistent is being made still, or will be gone at once: its own event comes later.
            if (order is not null && serving.Count < forwarders.Count
                && change is RtnetlinkEvent.LinkEvent { Deleted: false, Link: { Tun.Persistent: true } link } && link.Name == order.Device)
                forwarders.ForEach(forwarder => forwarder.Tell(ForwarderProtocol.TryAgain.Instance));
        });
        Receive<ForwarderProtocol.Serving>(now =>
        {
            serving[now.Queue] = now;
            problems.Remove(now.Queue);
            // Of all queues the same: said once.
            if (now.Lacking is { } lacking && lacking != complaint)
                log.Warning("{Device} is served, but {Lacking}", order?.Device, lacking);
            complaint = now.Lacking;
            if (serving.Count == forwarders.Count)
                log.Info("{Device}: {Queues} queues are served, offloads: {Offloads}{Gro}", order?.Device, serving.Count, now.Granted, now.Gro ? ", UDP GRO" : "");
            Report();
        });
        Receive<ForwarderProtocol.NotServing>(not =>
        {
            serving.Remove(not.Queue);
            problems[not.Queue] = not.Reason;
            if (not.Ended)
                restarts++;
            Report();
        });
        Receive<ForwarderProtocol.OrderWanted>(_ =>
        {
            if (order is not null)
                Sender.Tell(order);
        });
        Receive<Terminated>(ended => OnEnded(ended.ActorRef));
        Receive<KeyExchangeActor.PeersWanted>(_ =>
        {
            TellPeers();
            TellLoops();
        });
        Receive<Restarted>(restarted =>
        {
            if (network.IsNobody())
                network = restarted.Network;
            Timers.StartSingleTimer(nameof(AskForGoal), AskForGoal.Instance, Pause);
        });
        Receive<AskForGoal>(_ => network.Tell(HostProtocol.GoalWanted.Instance));
        Receive<HostProtocol.GetForwarders>(_ => Sender.Tell(Status()));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="keys">Null for a host that can be in no encrypted network.</param>
    public static Props Props(ForwarderOptions options, StartForwarderLoop start, TunnelKeys? keys = null)
    {
        var endpoint = keys is null ? null : new NoiseEndpoint(keys.Key, keys.Epoch);
        return Akka.Actor.Props.Create(() => new ForwarderPoolActor(options, start, endpoint));
    }

    /// <summary>The forwarders end with it: nothing is served until the next one has the goal.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        network.Tell(new HostProtocol.Forwarded([], reason.Message));
        Self.Tell(new Restarted(network));
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        // Peers that this one does not know would keep their keys from those that it will know.
        endpoint?.RemoveAll();
        base.PostRestart(reason);
    }

    /// <summary>What nobody foresaw in a forwarder costs that forwarder its life, and nobody else's.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, _ => Directive.Restart);

    private void Adopt(HostPlan plan)
    {
        var tun = plan.Links.OfType<WantedTun>().FirstOrDefault();
        var encryption = tun is { IsEncrypted: true } ? Encryption() : null;
        // The table first: a queue that opens finds it.
        Publish(tun, plan, encryption);
        // Without keys of its own this host has nothing to say in an encrypted network.
        var next = tun is null || (tun.IsEncrypted && encryption is null) ? null : new ForwarderProtocol.Serve(tun.Name, tun.Local, tables, options, encryption);
        if (next == order)
            return;
        order = next;
        serving.Clear();
        problems.Clear();
        if (next is null)
        {
            foreach (var forwarder in forwarders)
            {
                ending.Add(Context.Watch(forwarder));
                Context.Stop(forwarder);
            }
            forwarders.Clear();
        }
        Serve();
        Report();
    }

    /// <summary>Not while a forwarder of before has not ended: its threads use the sockets, and the ciphers, of its queue number still.</summary>
    private void Serve()
    {
        if (order is null || ending.Count > 0)
            return;
        while (forwarders.Count < options.Queues)
            forwarders.Add(Start(forwarders.Count));
        forwarders.ForEach(forwarder => forwarder.Tell(order));
    }

    private void OnEnded(IActorRef forwarder)
    {
        ending.Remove(forwarder);
        if (ending.Count > 0 || order is null)
            return;
        // What they said last came before.
        serving.Clear();
        problems.Clear();
        Serve();
        Report();
    }

    private ForwarderEncryption? Encryption()
    {
        if (exchange is null && endpoint is not null)
        {
            var desk = new KeyExchangeActor.Desk();
            var encryption = new ForwarderEncryption(endpoint, desk);
            var actor = Context.ActorOf(KeyExchangeActor.Props(encryption), "key-exchange");
            desk.Actor = actor;
            exchange = (encryption, actor);
        }
        return exchange?.Encryption;
    }

    private IActorRef Start(int queue)
    {
        while (counters.Count <= queue)
            counters.Add(new ForwarderCounters());
        return Context.ActorOf(PacketForwarderActor.Props(queue, counters[queue], start));
    }

    private void Publish(WantedTun? tun, HostPlan plan, ForwarderEncryption? encryption)
    {
        var peers = known.Adopt(tun is null ? [] : plan.Peers.OfType<UdpPeer>(), encryption?.Endpoint);
        var sources = plan.Addresses.Where(address => address.Device == tun?.Name).Select(address => address.Prefix.Address);
        tables.Current = tun is null ? ForwardingTable.Empty : new ForwardingTable(
            peers.SelectMany(peer => peer.Wanted.Subnets.Select(subnet => (subnet, peer.Peer))), tun.Mine, sources, tun.OuterMtu);
        TellPeers();
    }

    private void TellPeers() => exchange?.Actor.Tell(new KeyExchangeActor.SetPeers([.. known.All.Select(peer => peer.Keys).OfType<PeerKeyExchange>()]));

    private void TellLoops() => exchange?.Actor.Tell(new KeyExchangeActor.LoopsAre(serving.Count > 0));

    private void Report()
    {
        ImmutableHashSet<string> served = order is not null && forwarders.Count > 0 && serving.Count == forwarders.Count ? [order.Device] : [];
        network.Tell(new HostProtocol.Forwarded(served, Detail()));
        TellLoops();
    }

    private string Detail()
    {
        var status = Status();
        return status.Problems.Length > 0 ? string.Join("; ", status.Problems.Take(3))
            : status.Queues == 0 ? endpoint is null ? "this host has no key" : "no queue yet"
            : $"{status.Serving} of {status.Queues} queues served{(status.Restarts > 0 ? $", {status.Restarts} restarts" : "")}";
    }

    private ForwarderStatus Status() => new(
        order?.Device,
        forwarders.Count,
        serving.Count,
        serving.Count == 0 ? "" : serving.Values.Select(now => $"{now.Granted}{(now.Gro ? ", Gro" : "")}").First(),
        restarts,
        [.. problems.OrderBy(problem => problem.Key).Select(problem => $"queue {problem.Key}: {problem.Value}").Distinct()],
        ForwarderTotals.Of(counters),
        [.. known.All.Select(peer => new PeerTraffic(
            peer.Name, peer.EndPoint, peer.Counters.SentPackets, peer.Counters.SentBytes, peer.Counters.ReceivedPackets, peer.Counters.ReceivedBytes))]);

    /// <summary>From the actor that failed to the one in its place.</summary>
    private sealed record Restarted(IActorRef Network);

    private sealed class AskForGoal : IDeadLetterSuppression
    {
        public static readonly AskForGoal Instance = new();
    }
}
