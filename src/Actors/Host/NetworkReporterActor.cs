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

    /// <summary>The one of which the memory is, or will be.</summary>
    private LeaseProtocol.ReportNetwork? remembered;

    /// <param name="node">This host.</param>
    /// <param name="host">HostNetwork.</param>
    /// <param name="probes">Nobody where nothing is probed.</param>
    /// <param name="time">The probes' clock too.</param>
    /// <param name="objection">Why this host could not do with another configuration than the one it has; null where it could.</param>
    public NetworkReporterActor(NodeId node, IActorRef host, IActorRef probes, TimeProvider time, Func<NetworkConfig, NetworkConfig, string?> objection)
    {
        Receive<LeaseProtocol.ReportNetwork>(question => question.Next is not null, question =>
        {
            reporting.Forget();
            remembered = question;
            StoodBefore(question, time.GetTimestamp(), host, probes).PipeTo(Self, Sender, failure: _ => Unknown.Instance);
        });
        Receive<LeaseProtocol.ReportNetwork>(question =>
            Status(host).PipeTo(Self, Sender, status => new Stands(question, status), failure: _ => Unknown.Instance));
        Receive<Before>(before =>
        {
            // Too late: other hosts may have the next version already, and what fails between them and this one is its fault.
            var (question, status) = (before.Question, before.Status);
            if (!ReferenceEquals(question, remembered) || time.GetElapsedTime(before.AskedAt) > SubnetAllocatorActor.BaselinePatience || status.Network is not { } now || now.Version != question.Version)
                return;
            reporting.Remember(status, before.Probes);
            var (progress, detail) = reporting.Judge(question.Version, status, before.Probes, null);
            Sender.Tell(new LeaseProtocol.NetworkReport(node, question.Version, progress, detail, objection(now.Config, question.Next!), question.Question));
        });
        Receive<Stands>(stands =>
        {
            long? since = reporting.InPlaceSince(stands.Question.Version, stands.Status, time.GetTimestamp());
            Probe(probes, since).PipeTo(Self, Sender, heard => new Seen(stands, heard.Table, heard.Answered), failure: _ => Unknown.Instance);
        });
        Receive<Seen>(seen =>
        {
            var (question, status) = seen.Stands;
            var (progress, detail) = reporting.Judge(question.Version, status, seen.Probes, seen.Answered);
            Sender.Tell(new LeaseProtocol.NetworkReport(node, question.Version, progress, detail, Question: question.Question));
        });
        Receive<Unknown>(_ => { });
    }

    public static Props Props(NodeId node, IActorRef host, IActorRef probes, TimeProvider time, Func<NetworkConfig, NetworkConfig, string?> objection) =>
        Akka.Actor.Props.Create(() => new NetworkReporterActor(node, host, probes, time, objection));

    /// <summary>The probes first: where the host has the version asked for after them still, they are of no later one.</summary>
    private static async Task<Before> StoodBefore(LeaseProtocol.ReportNetwork question, long askedAt, IActorRef host, IActorRef probes)
    {
        var table = probes.IsNobody() ? ProbeTable.Off : await probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Patience);
        return new Before(question, askedAt, table, await Status(host));
    }

    private static Task<HostStatus> Status(IActorRef host) => host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience);

    private static async Task<(ProbeTable Table, ProbeProtocol.AllAnswered? Answered)> Probe(IActorRef probes, long? since)
    {
        if (probes.IsNobody())
            return (ProbeTable.Off, since is null ? null : new ProbeProtocol.AllAnswered(true, 0, [], []));
        var answered = since is { } moment ? probes.Ask<ProbeProtocol.AllAnswered>(new ProbeProtocol.HaveAllAnswered(moment), Patience) : null;
        var table = await probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Patience);
        return (table, answered is null ? null : await answered);
    }

    /// <param name="AskedAt">A time stamp of this process's clock.</param>
    private sealed record Before(LeaseProtocol.ReportNetwork Question, long AskedAt, ProbeTable Probes, HostStatus Status);

    private sealed record Stands(LeaseProtocol.ReportNetwork Question, HostStatus Status);

    private sealed record Seen(Stands Stands, ProbeTable Probes, ProbeProtocol.AllAnswered? Answered);

    /// <summary>Asked again in a second.</summary>
    private sealed class Unknown : IDeadLetterSuppression
    {
        public static readonly Unknown Instance = new();
    }
}
