using Akka.Actor;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Actors.View;

/// <summary>What <see cref="HostViewActor"/> describes a host by.</summary>
/// <param name="Version">Of this release.</param>
/// <param name="Events">What happens on this host.</param>
/// <param name="Counters">Every device of this host's network namespace.</param>
public sealed record HostViewSources(string Version, EventRing Events, IPeerProbes Probes, Func<IReadOnlyDictionary<string, DeviceCounters>> Counters);

/// <summary>Describes this host, for its own page and for other hosts' (<see cref="ViewAgent"/>). Several that ask at once get the same answer.</summary>
public sealed class HostViewActor : ReceiveActor
{
    /// <summary>What a host tells of its own; a page shows some hundred of all hosts together.</summary>
    internal const int EventsTold = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly IActorRef host;
    private readonly HostViewSources sources;
    private readonly TimeProvider time;
    private readonly long began;
    private HostView? last;

    public HostViewActor(IActorRef host, HostViewSources sources, TimeProvider time)
    {
        this.host = host;
        this.sources = sources;
        this.time = time;
        began = time.GetTimestamp();
        ReceiveAsync<ViewProtocol.DescribeHost>(async question =>
        {
            var asker = Sender;
            if (last is null || UpFor - last.UpFor >= Fresh)
            {
                try
                {
                    last = Describe(await host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience), await Probed());
                }
                catch (AskTimeoutException)
                {
                    // Silence is the answer.
                    return;
                }
            }
            asker.Tell(new ViewProtocol.HostDescribed(question.Number, last), ActorRefs.NoSender);
        });
    }

    public static Props Props(IActorRef host, HostViewSources sources, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new HostViewActor(host, sources, time));

    private TimeSpan UpFor => TimeSpan.FromMilliseconds(Math.Floor(time.GetElapsedTime(began).TotalMilliseconds));

    /// <summary>A host whose probes are late is there all the same.</summary>
    private async Task<IReadOnlyDictionary<NodeId, PeerWay>> Probed()
    {
        try
        {
            return await sources.Probes.LatestAsync();
        }
        catch (AskTimeoutException)
        {
            return await NoProbes.Instance.LatestAsync();
        }
    }

    private HostView Describe(HostStatus status, IReadOnlyDictionary<NodeId, PeerWay> probed)
    {
        var problem = status.Components.FirstOrDefault(component => !component.Ready);
        var ways = Ways(status, probed);
        return new HostView(
            status.Node,
            status.NodeName,
            sources.Version,
            UpFor,
            problem is null ? null : $"{problem.Name}: {problem.Detail}",
            ways.Count,
            status.Plan.Mtu,
            Traffic(status.Plan),
            ways,
            sources.Events.Latest(EventsTold));
    }

    private static EquatableArray<PeerWay> Ways(HostStatus status, IReadOnlyDictionary<NodeId, PeerWay> probed)
    {
        bool programmed = status.Components.All(component => component.Ready || component.Name is not ("tunnels" or "routes" or "forwarders"));
        return status.Plan.Reached.Select(reached => reached.Node).Distinct()
            .Select(peer => probed.TryGetValue(peer, out var way) ? way : new PeerWay(peer, programmed ? WayState.Programmed : WayState.Waiting))
            .ToEquatableArray();
    }

    private TunnelTraffic? Traffic(HostPlan plan)
    {
        if (plan.Links.IsEmpty)
            return null;
        try
        {
            var counters = sources.Counters();
            var devices = plan.Links.Select(link => (link.Name, Counters: counters.GetValueOrDefault(link.Name))).Where(device => device.Counters is not null).ToList();
            return devices.Count == 0 ? null : new TunnelTraffic(
                string.Join(", ", devices.Select(device => device.Name)),
                devices.Sum(device => device.Counters!.ReceivedBytes),
                devices.Sum(device => device.Counters!.ReceivedPackets),
                devices.Sum(device => device.Counters!.SentBytes),
                devices.Sum(device => device.Counters!.SentPackets));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
