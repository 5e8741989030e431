using System.Text.Json;
using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Api;

/// <summary>Asks the actors what the management API answers.</summary>
public sealed class NodeQueries(IActorRef host, IActorRef forwarders, IActorRef supervisor, IActorRef probes, NetworkName network, uint table)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    public async Task<ReadyModel> Ready()
    {
        var status = await HostStatus();
        return new ReadyModel(status.Ready, Components(status));
    }

    public async Task<StatusModel> StatusModel()
    {
        var status = await HostStatus();
        var overlay = await Overlay();
        return new StatusModel(
            status.Node.ToString(),
            status.NodeName,
            NodeVersion.Text,
            status.Ready,
            Components(status),
            status.Lease is { } lease ? ToModel(lease) : null,
            status.Network?.Config.BackEnd.Type,
            status.Plan.Mtu,
            status.Underlay.Device,
            status.Underlay.Public.IPv4?.ToString(),
            status.Underlay.Public.IPv6?.ToString(),
            status.Plan.Reached.Select(subnet => subnet.Node).Distinct().Count(),
            status.KernelWrites,
            overlay is null ? "none" : ClusterModels.StatusText(overlay.Cluster.SelfMember.Status) + (overlay.Formation.WaitsFor is { } reason ? $" ({reason})" : ""))
        {
            MtuReason = MtuReasonOf(status.Plan.UnderlayMtu),
            Network = network.IsDefault ? null : network.Text,
            RouteTable = table,
            Forwarders = ToModel(await Forwarders(status)),
            Probes = await ProbesIfThere() is { } probed ? ProbeModels.Summary(probed) : null,
        };
    }

    public async Task<ProbesModel> ProbesModel() => ProbeModels.Of(await Probes());

    internal Task<ProbeTable> Probes() => probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Patience);

    /// <summary>What else this host has to say does not wait for them.</summary>
    private async Task<ProbeTable?> ProbesIfThere()
    {
        try
        {
            return await probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, TimeSpan.FromSeconds(1));
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    public async Task<LedgerModel> Ledger()
    {
        var ledger = await LedgerView();
        return new LedgerModel(ledger.Live, ledger.Revision, [.. ledger.Leases.Values.OrderBy(lease => lease.Subnets.All.FirstOrDefault()).Select(ToModel)]);
    }

    public async Task<IReadOnlyList<ObjectModel>> Objects() =>
        [.. (await Rows()).Select(row => new ObjectModel(row.Kind, row.Name, row.Wanted, row.Actual, row.State, row.Error))];

    public async Task<IReadOnlyList<PeerModel>> Peers()
    {
        var status = await HostStatus();
        var ledger = await LedgerView();
        var peers = PeersOf(status, ledger, await Rows(), await Forwarders(status));
        return await ProbesIfThere() is { } probed ? ProbeModels.Join(peers, probed) : peers;
    }

    /// <param name="traffic">Null to leave it out.</param>
    internal static IReadOnlyList<PeerModel> PeersOf(HostStatus status, LedgerView ledger, IEnumerable<ObjectStatus> objects, ForwarderStatus? traffic)
    {
        var plan = status.Plan;
        var rows = objects.ToLookup(row => (row.Kind, row.Name));
        var routes = plan.Routes.ToLookup(route => route.Hop);
        var tunnels = plan.Peers.OfType<VxlanPeer>().ToLookup(peer => peer.Hop);
        var forwarded = traffic?.Peers.ToDictionary(peer => peer.Node) ?? [];
        return
        [
            .. plan.Reached.OrderBy(subnet => subnet.Subnet).Select(subnet => PeerOf(subnet, plan, ledger, routes, tunnels, rows) with
            {
                Traffic = forwarded.TryGetValue(subnet.Node.ToString(), out var peer) ? new TrafficModel(peer.SentPackets, peer.SentBytes, peer.ReceivedPackets, peer.ReceivedBytes) : null,
            }),
        ];
    }

    /// <inheritdoc cref="Forwarders(Actors.Host.HostStatus)"/>
    internal async Task<ForwarderStatus?> Forwarders(Task<HostStatus> status) => await Forwarders(await status);

    /// <returns>Null where the network needs none.</returns>
    private async Task<ForwarderStatus?> Forwarders(HostStatus status) =>
        status.Plan.Links.OfType<WantedTun>().Any() ? await forwarders.Ask<ForwarderStatus>(HostProtocol.GetForwarders.Instance, Patience) : null;

    private static ForwardersModel? ToModel(ForwarderStatus? status) => status is not { Device: { } device } ? null : new ForwardersModel(
        device,
        status.Queues,
        status.Serving,
        status.Offloads,
        status.Restarts,
        status.Totals.Counts.OrderBy(count => count.Key).ToDictionary(count => JsonNamingPolicy.CamelCase.ConvertName(count.Key.ToString()), count => count.Value),
        status.Totals.Drops.Where(drop => drop.Value > 0).OrderBy(drop => drop.Key).ToDictionary(drop => JsonNamingPolicy.CamelCase.ConvertName(drop.Key.ToString()), drop => drop.Value));

    internal Task<HostStatus> HostStatus() => host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience);

    internal async Task<OverlaySystem?> Overlay() => (await supervisor.Ask<OverlaySupervisor.Overlay>(OverlaySupervisor.GetOverlay.Instance, Patience)).System;

    internal Task<LedgerView> LedgerView() => host.Ask<LedgerView>(HostProtocol.GetLedger.Instance, Patience);

    internal async Task<IReadOnlyList<ObjectStatus>> Rows() => (await host.Ask<HostProtocol.Objects>(HostProtocol.GetObjects.Instance, Patience)).Rows;

    private static string? MtuReasonOf(UnderlayMtu mtu) => string.Join("; ", new[] { mtu.Reason, mtu.Refused }.OfType<string>()) is { Length: > 0 } reason ? reason : null;

    private static ComponentModel[] Components(HostStatus status) =>
        [.. status.Components.Select(component => new ComponentModel(component.Name, component.Ready, component.Detail))];

    private static PeerModel PeerOf(
        ReachedSubnet reached,
        HostPlan plan,
        LedgerView ledger,
        ILookup<NextHop, WantedRoute> routes,
        ILookup<NextHop, VxlanPeer> tunnels,
        ILookup<(string Kind, string Name), ObjectStatus> rows)
    {
        var lease = ledger.Leases.GetValueOrDefault(reached.Node);
        // The one to the peer's subnet, or the one to the whole network.
        var parts = routes[reached.Hop].Where(route => route.Destination.Contains(reached.Subnet))
            .SelectMany(route => rows[("route", route.Destination.ToString())]).ToList();
        foreach (var peer in tunnels[reached.Hop])
        {
            parts.AddRange(rows[("neighbour", peer.Hop.Gateway!.ToString())]);
            parts.AddRange(peer.EncapVni is null ? rows[("fdb", peer.Mac.ToString())] : rows[("nexthop", peer.Hop.Gateway!.ToString())]);
        }
        foreach (var peer in plan.Peers.OfType<WireGuardTunnelPeer>().Where(peer => peer.Node == reached.Node && peer.Hop == reached.Hop))
            parts.AddRange(rows[("wireguard", peer.Key.ToString())]);
        if (reached.Command is { } command)
            parts.AddRange(rows[("command", command)]);
        var worst = parts.FirstOrDefault(part => part.State == "failed") ?? parts.FirstOrDefault(part => part.State != "ok");
        return new PeerModel(
            reached.Subnet.ToString(),
            reached.Node.ToString(),
            lease?.NodeName ?? "?",
            OuterAddress(reached, plan, lease),
            reached.BackEnd,
            reached.Hop.ToString(),
            parts.Count == 0 ? reached.ByCloud ? "ok" : "waiting" : worst is null ? "ok" : $"{worst.Kind} {worst.State}",
            worst?.Error)
        {
            Reason = reached.Reason,
            UnderlayMtu = lease?.UnderlayMtu,
        };
    }

    private static string? OuterAddress(ReachedSubnet reached, HostPlan plan, Lease? lease) =>
        plan.Peers.OfType<UdpPeer>().FirstOrDefault(peer => peer.Node == reached.Node) is { } udp ? udp.EndPoint.Address.ToString()
        : plan.Peers.OfType<WireGuardTunnelPeer>().FirstOrDefault(peer => peer.Node == reached.Node && peer.Hop == reached.Hop) is { } behind ? behind.EndPoint.Address.ToString()
        : (reached.Subnet.IsIPv4 ? lease?.Public.IPv4 : lease?.Public.IPv6)?.ToString();

    private static LeaseModel ToModel(Lease lease) => new(
        lease.Subnets.IPv4?.ToString(),
        lease.Subnets.IPv6?.ToString(),
        lease.Owner.ToString(),
        lease.NodeName,
        lease.Public.IPv4?.ToString(),
        lease.Public.IPv6?.ToString(),
        [.. lease.Offers.Select(offer => offer.BackEnd)],
        lease.Generation);
}
