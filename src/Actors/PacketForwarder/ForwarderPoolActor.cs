using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>
/// The packet forwarders of this host, one for each queue of the TUN device. Makes the table that they all read from each new plan, and says when the device is
/// served. Lives beside HostNetwork and not below it: whatever is started again there, packets go on.
/// </summary>
public sealed class ForwarderPoolActor : ReceiveActor
{
    private readonly int queues;
    private readonly ForwarderOptions options;
    private readonly StartForwarderLoop start;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly ForwardingTables tables = new();
    private readonly List<IActorRef> forwarders = [];
    private readonly List<ForwarderCounters> counters = [];
    private readonly Dictionary<int, ForwarderProtocol.Serving> serving = [];
    private readonly Dictionary<int, string> problems = [];

    private ImmutableDictionary<string, ForwardingPeer> peers = ImmutableDictionary<string, ForwardingPeer>.Empty;
    private ForwarderProtocol.Serve? order;
    private IActorRef network = ActorRefs.Nobody;
    private long restarts;

    /// <param name="queues">1 to 64.</param>
    public ForwarderPoolActor(int queues, ForwarderOptions options, StartForwarderLoop start)
    {
        this.queues = queues;
        this.options = options;
        this.start = start;
        Receive<HostProtocol.SetGoal>(goal =>
        {
            network = Sender;
            Adopt(goal.Plan);
        });
        Receive<RtnetlinkEvent>(change =>
        {
            if (order is not null && serving.Count < forwarders.Count && change is RtnetlinkEvent.LinkEvent { Deleted: false, Link: var link } && link.Name == order.Device)
                forwarders.ForEach(forwarder => forwarder.Tell(ForwarderProtocol.TryAgain.Instance));
        });
        Receive<ForwarderProtocol.Serving>(now =>
        {
            serving[now.Queue] = now;
            problems.Remove(now.Queue);
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
        Receive<HostProtocol.GetForwarders>(_ => Sender.Tell(Status()));
    }

    public static Props Props(int queues, ForwarderOptions options, StartForwarderLoop start) =>
        Akka.Actor.Props.Create(() => new ForwarderPoolActor(queues, options, start));

    /// <summary>What nobody foresaw in a forwarder costs that forwarder its life, and nobody else's.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, _ => Directive.Restart);

    private void Adopt(HostPlan plan)
    {
        var tun = plan.Links.OfType<WantedTun>().FirstOrDefault();
        // The table first: a queue that opens finds it.
        Publish(tun, plan);
        var next = tun is null ? null : new ForwarderProtocol.Serve(tun.Name, tun.Local, tables, options);
        if (next == order)
            return;
        order = next;
        serving.Clear();
        problems.Clear();
        if (next is null)
        {
            forwarders.ForEach(Context.Stop);
            forwarders.Clear();
        }
        else
        {
            while (forwarders.Count < queues)
                forwarders.Add(Start(forwarders.Count));
            forwarders.ForEach(forwarder => forwarder.Tell(next));
        }
        Report();
    }

    private IActorRef Start(int queue)
    {
        while (counters.Count <= queue)
            counters.Add(new ForwarderCounters());
        return Context.ActorOf(PacketForwarderActor.Props(queue, counters[queue], start));
    }

    private void Publish(WantedTun? tun, HostPlan plan)
    {
        if (tun is null)
        {
            peers = peers.Clear();
            tables.Current = ForwardingTable.Empty;
            return;
        }
        var wanted = plan.Peers.OfType<UdpPeer>().ToList();
        peers = wanted.ToImmutableDictionary(peer => peer.Node.ToString(), PeerFor);
        var sources = plan.Addresses.Where(address => address.Device == tun.Name).Select(address => address.Prefix.Address);
        tables.Current = new ForwardingTable(
            wanted.SelectMany(peer => peer.Subnets.Select(subnet => (subnet, peers[peer.Node.ToString()]))), tun.Mine, sources, tun.OuterMtu);
    }

    /// <summary>The same object where nothing has changed, and the same counters where the address has.</summary>
    private ForwardingPeer PeerFor(UdpPeer wanted) => peers.GetValueOrDefault(wanted.Node.ToString()) is not { } known
        ? new ForwardingPeer(wanted.Node.ToString(), wanted.EndPoint)
        : known.EndPoint.Equals(wanted.EndPoint) ? known : new ForwardingPeer(known.Name, wanted.EndPoint, known.Counters);

    private void Report()
    {
        ImmutableHashSet<string> served = order is not null && forwarders.Count > 0 && serving.Count == forwarders.Count ? [order.Device] : [];
        network.Tell(new HostProtocol.Forwarded(served));
    }

    private ForwarderStatus Status() => new(
        order?.Device,
        forwarders.Count,
        serving.Count,
        serving.Count == 0 ? "" : serving.Values.Select(now => $"{now.Granted}{(now.Gro ? ", Gro" : "")}").First(),
        restarts,
        [.. problems.OrderBy(problem => problem.Key).Select(problem => $"queue {problem.Key}: {problem.Value}").Distinct()],
        ForwarderTotals.Of(counters),
        [.. peers.Values.Select(peer => new PeerTraffic(
            peer.Name, peer.EndPoint, peer.Counters.SentPackets, peer.Counters.SentBytes, peer.Counters.ReceivedPackets, peer.Counters.ReceivedBytes))]);
}
