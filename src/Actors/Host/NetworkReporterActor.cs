using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// Says how far this host is with a version of the network's configuration (<see cref="LeaseProtocol.ReportNetwork"/>): asks HostNetwork for what is in place, and
/// the probes for what passes. Lives in the host's own system, so that it remembers how things stood before when the cluster loses its allocator in between.
/// </summary>
public sealed class NetworkReporterActor : ReceiveActor
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly NetworkReporting reporting = new();

    /// <param name="node">This host.</param>
    /// <param name="host">HostNetwork.</param>
    /// <param name="probes">Nobody where nothing is probed.</param>
    /// <param name="time">The probes' clock too.</param>
    /// <param name="objection">Why this host could not do with another configuration than the one it has; null where it could.</param>
    public NetworkReporterActor(NodeId node, IActorRef host, IActorRef probes, TimeProvider time, Func<NetworkConfig, NetworkConfig, string?> objection)
    {
        Receive<LeaseProtocol.ReportNetwork>(question =>
            host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience).PipeTo(Self, Sender, status => new Stands(question, status), failure: _ => Unknown.Instance));
        Receive<Stands>(stands =>
        {
            long? since = stands.Question.Next is not null ? null : reporting.InPlaceSince(stands.Question.Version, stands.Status, time.GetTimestamp());
            Probe(probes, since).PipeTo(Self, Sender, heard => new Seen(stands, heard.Table, heard.Answered), failure: _ => Unknown.Instance);
        });
        Receive<Seen>(seen =>
        {
            var (question, status) = seen.Stands;
            if (question.Next is not null)
                reporting.Remember(status, seen.Probes);
            var (progress, detail) = reporting.Judge(question.Version, status, seen.Probes, seen.Answered);
            string? against = question.Next is { } next && status.Network is { } now ? objection(now.Config, next) : null;
            Sender.Tell(new LeaseProtocol.NetworkReport(node, question.Version, progress, detail, against));
        });
        Receive<Unknown>(_ => { });
    }

    public static Props Props(NodeId node, IActorRef host, IActorRef probes, TimeProvider time, Func<NetworkConfig, NetworkConfig, string?> objection) =>
        Akka.Actor.Props.Create(() => new NetworkReporterActor(node, host, probes, time, objection));

    private static async Task<(ProbeTable Table, ProbeProtocol.AllAnswered? Answered)> Probe(IActorRef probes, long? since)
    {
        if (probes.IsNobody())
            return (ProbeTable.Off, since is null ? null : new ProbeProtocol.AllAnswered(true, 0, [], []));
        var answered = since is { } moment ? probes.Ask<ProbeProtocol.AllAnswered>(new ProbeProtocol.HaveAllAnswered(moment), Patience) : null;
        var table = await probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Patience);
        return (table, answered is null ? null : await answered);
    }

    private sealed record Stands(LeaseProtocol.ReportNetwork Question, HostStatus Status);

    private sealed record Seen(Stands Stands, ProbeTable Probes, ProbeProtocol.AllAnswered? Answered);

    /// <summary>Asked again in a second.</summary>
    private sealed class Unknown : IDeadLetterSuppression
    {
        public static readonly Unknown Instance = new();
    }
}
