using System.Net;
using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Api;

/// <summary>A packet's way from one address to another.</summary>
/// <param name="Ok">It arrives, as far as anybody can see.</param>
/// <param name="Stops">Where it stops first, in one line; null where it arrives.</param>
public sealed record ExplainModel(string From, string To, bool Ok, string? Stops, IReadOnlyList<ExplainStepModel> Steps);

/// <param name="Number">From 1, along the way.</param>
/// <param name="Host">Name of the host that says it.</param>
/// <param name="State">"ok", "BROKEN", "doubtful" or "unknown".</param>
public sealed record ExplainStepModel(int Number, string Host, string Place, string State, string Actual, string? Wanted, string? Reason, string? Mend);

/// <summary>Puts a packet's way together from what the hosts at its two ends say.</summary>
public sealed class ExplainQueries(IActorRef host, IActorRef supervisor, IActorRef explainer)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>Neighbours have some three seconds to answer there.</summary>
    private static readonly TimeSpan PeerPatience = TimeSpan.FromSeconds(6);

    /// <returns>The way, or why these are no two addresses of this network.</returns>
    public async Task<(ExplainModel? Answer, string? Problem)> Explain(string fromText, string toText)
    {
        if (!AddressMath.TryParseStrict(fromText, out var from))
            return (null, $"'{fromText}': not an IP address");
        if (!AddressMath.TryParseStrict(toText, out var to))
            return (null, $"'{toText}': not an IP address");
        if (from.AddressFamily != to.AddressFamily)
            return (null, $"{from} and {to}: one is IPv4 and the other IPv6, no packet goes from one to the other");
        if (from.Equals(to))
            return (null, $"{from}: twice the same address");
        var status = await host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience);
        var ledger = await host.Ask<LedgerView>(HostProtocol.GetLedger.Instance, Patience);
        var leases = ledger.Leases.Values.Where(lease => lease.Owner != status.Node).Concat(status.Lease is { } own ? [own] : []).ToList();
        foreach (var address in new[] { from, to })
        {
            if (OwnerOf(address, leases, status) is null && !status.Plan.Networks.Any(network => network.Contains(address)))
                return (null, $"{address}: neither in the overlay's network ({string.Join(" and ", status.Plan.Networks.Select(network => network.ToString()).DefaultIfEmpty("not known yet"))}) nor the address of one of its hosts");
        }
        var steps = await Walk(from, to, OwnerOf(from, leases, status), OwnerOf(to, leases, status), status);
        var numbered = steps.Select((step, i) => new ExplainStepModel(i + 1, step.Host, step.Step.Place, Word(step.Step.State), step.Step.Actual, step.Step.Wanted, step.Step.Reason, step.Step.Mend)).ToList();
        var stop = numbered.FirstOrDefault(step => step.State == Word(StepState.Broken)) ?? numbered.FirstOrDefault(step => step.State == Word(StepState.Unknown));
        return (new ExplainModel(from.ToString(), to.ToString(), stop is null, stop is null ? null : $"step {stop.Number}, {stop.Place} on {stop.Host}: {stop.Reason ?? stop.Actual}", numbered), null);
    }

    private async Task<List<(string Host, PathStep Step)>> Walk(IPAddress from, IPAddress to, Lease? source, Lease? destination, HostStatus status)
    {
        var steps = new List<(string, PathStep)>();
        if (source is not null && source.Owner == destination?.Owner)
        {
            Add(steps, source, await Ask(source, new NodeProtocol.ExplainPath(source.Owner, from, to, PathSide.Local), status));
            return steps;
        }
        int outerSize = 0;
        if (source is null)
        {
            steps.Add((status.NodeName, NoLease("source", from)));
        }
        else
        {
            var sent = await Ask(source, new NodeProtocol.ExplainPath(source.Owner, from, to, PathSide.Sending, PublicOf(destination, from)), status);
            outerSize = sent.OuterSize;
            Add(steps, source, sent);
        }
        if (destination is null)
            steps.Add((status.NodeName, NoLease("destination", to)));
        else
            Add(steps, destination, await Ask(destination, new NodeProtocol.ExplainPath(destination.Owner, from, to, PathSide.Arriving, PublicOf(source, from), outerSize), status));
        return steps;
    }

    private async Task<NodeProtocol.PathExplained> Ask(Lease owner, NodeProtocol.ExplainPath question, HostStatus status)
    {
        try
        {
            if (owner.Owner == status.Node)
                return await explainer.Ask<NodeProtocol.PathExplained>(question, PeerPatience);
            if ((await supervisor.Ask<OverlaySupervisor.Overlay>(OverlaySupervisor.GetOverlay.Instance, Patience)).System is not { } overlay)
                return Silent(owner, "this node has no connection to the cluster, so it cannot ask there");
            // By the address that its lease has; where none is at that (NAT), every member is asked, and the one that is meant answers.
            var members = overlay.Cluster.State.Members.Where(member => member.UniqueAddress != overlay.Cluster.SelfUniqueAddress).ToList();
            var likely = members.Where(member => member.Address.Host == owner.Public.IPv4?.ToString() || member.Address.Host.Trim('[', ']') == owner.Public.IPv6?.ToString()).ToList();
            var asked = (likely.Count > 0 ? likely : members)
                .Select(member => overlay.System.ActorSelection($"{member.Address}/user/{NodeAgent.Name}").Ask<NodeProtocol.PathExplained>(question, PeerPatience)).ToList();
            while (asked.Count > 0)
            {
                var first = await Task.WhenAny(asked);
                asked.Remove(first);
                if (first.IsCompletedSuccessfully)
                    return await first;
            }
            return Silent(owner, $"{owner.NodeName} does not answer within {PeerPatience.TotalSeconds} s: is akka-overlay running there?");
        }
        catch (AskTimeoutException)
        {
            return Silent(owner, $"{owner.NodeName} does not answer in time");
        }
    }

    /// <summary>Where the process itself carries the packets, its silence is the end of their way.</summary>
    private static NodeProtocol.PathExplained Silent(Lease owner, string reason) => new(owner.Owner, owner.NodeName, 0,
    [
        owner.OfferOf<UdpOffer>() is null
            ? new PathStep("node", StepState.Unknown, "no answer", null, $"{reason} The kernel there may go on all the same: nobody can say", "systemctl status akka-overlay")
            : PathStep.Broken("node", "no answer", $"{reason} With back end udp that process carries the packets", "systemctl start akka-overlay"),
    ]);

    private static void Add(List<(string, PathStep)> steps, Lease owner, NodeProtocol.PathExplained answer)
    {
        foreach (var step in answer.Steps)
            steps.Add((HostName.IsValid(answer.Host) ? answer.Host : owner.NodeName, step.Plain()));
    }

    private static PathStep NoLease(string place, IPAddress address) =>
        PathStep.Broken(place, address.ToString(), $"no host has a lease with {address} in it", "akka-overlay lease list");

    private static Lease? OwnerOf(IPAddress address, List<Lease> leases, HostStatus status) =>
        leases.FirstOrDefault(lease => lease.Subnets.All.Any(subnet => subnet.Contains(address)))
        ?? leases.FirstOrDefault(lease => address.Equals(lease.Public.IPv4) || address.Equals(lease.Public.IPv6))
        ?? (address.Equals(status.Underlay.Local.IPv4) || address.Equals(status.Underlay.Local.IPv6) ? status.Lease : null);

    /// <summary>Of the outer family, which is that of the inner one where the host has it (vxlan), or IPv4 (udp).</summary>
    private static IPAddress? PublicOf(Lease? lease, IPAddress inner) => lease is null ? null
        : lease.OfferOf<UdpOffer>() is null && inner.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? lease.Public.IPv6
        : lease.Public.IPv4 ?? lease.Public.IPv6;

    private static string Word(StepState state) => state switch
    {
        StepState.Ok => "ok",
        StepState.Broken => "BROKEN",
        StepState.Doubtful => "doubtful",
        _ => "unknown",
    };
}
