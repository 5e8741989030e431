using System.Collections.Immutable;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>Wanted and actual devices, addresses, neighbours and forwarding entries, as rows for an operator.</summary>
internal static class TunnelStatus
{
    public static ImmutableArray<ObjectStatus> Rows(
        TunnelGoal goal, Devices devices, DeviceTables tables, IReadOnlyDictionary<string, WireGuardDevice> tunnels, IReadOnlyList<InterfaceAddress> addresses, RetryTable retries, byte protocol)
    {
        var rows = ImmutableArray.CreateBuilder<ObjectStatus>();
        foreach (var link in goal.Links)
        {
            var actual = devices.Find(link.Name);
            bool same = actual is not null && LinkDiff.Of(link, devices, mayRecreate: true, goal.IsOurs) is { Changes.IsEmpty: true, Error: null };
            if (link is WantedWireGuard wireGuard)
            {
                var device = tunnels.GetValueOrDefault(link.Name);
                rows.Add(Row("link", link.Name, Describe(link), actual is null ? null : $"{Describe(actual)}{Describe(device)}",
                    same && WireGuardTunnels.Leads(wireGuard, device), (retries.ErrorOf(link) ?? retries.ErrorOf(wireGuard.Interface))?.Text));
                continue;
            }
            rows.Add(Row("link", link.Name, Describe(link), actual is null ? null : Describe(actual), same, retries.ErrorOf(link)?.Text));
        }
        foreach (var wanted in goal.Addresses.Where(wanted => !wanted.None))
        {
            var actual = addresses.FirstOrDefault(address => address.Prefix == wanted.Prefix && devices.NameOf(address.Interface) == wanted.Device);
            rows.Add(Row("address", wanted.Prefix.ToString(), $"dev {wanted.Device}", actual is null ? null : $"dev {wanted.Device}", actual is not null, retries.ErrorOf(wanted)?.Text));
        }
        foreach (var peer in goal.Peers.OfType<VxlanPeer>())
        {
            var table = tables.Find(peer.Hop.Device);
            string? error = retries.ErrorOf(peer)?.Text;
            var neighbour = table?.NeighbourAt(peer.Hop.Gateway!);
            var fdb = table?.FdbAt(peer.Mac);
            rows.Add(Row("neighbour", peer.Hop.Gateway!.ToString(), $"lladdr {peer.Mac} dev {peer.Hop.Device}",
                neighbour is null ? null : $"lladdr {neighbour.LinkLayer} dev {peer.Hop.Device}", neighbour?.LinkLayer == peer.Mac, error));
            if (peer.EncapVni is not null)
            {
                var nexthop = table is null ? null : tables.Nexthops.Find(table.Index, peer.Hop.Gateway);
                rows.Add(Row("nexthop", peer.Hop.Gateway!.ToString(), $"encap id {peer.EncapVni} dst {peer.Vtep} dev {peer.Hop.Device}",
                    nexthop is null ? null : $"id {nexthop.Id} encap id {nexthop.EncapVni} dst {nexthop.EncapDestination} dev {peer.Hop.Device}",
                    table is not null && tables.HasWay(table, peer, protocol), error));
                continue;
            }
            rows.Add(Row("fdb", peer.Mac.ToString(), $"dst {peer.Vtep} dev {peer.Hop.Device}",
                fdb is null ? null : $"dst {fdb.Destination} dev {peer.Hop.Device}", fdb is not null && fdb.Destination!.Equals(peer.Vtep), error));
        }
        foreach (var peer in goal.Peers.OfType<WireGuardTunnelPeer>())
        {
            var device = tunnels.GetValueOrDefault(peer.Hop.Device);
            var actual = device?.Peers.FirstOrDefault(there => there.Key == peer.Key);
            rows.Add(Row("wireguard", peer.Key.ToString(), $"endpoint {peer.EndPoint} allowed-ips {string.Join(',', peer.Subnets)} dev {peer.Hop.Device}",
                actual is null ? null : $"endpoint {actual.EndPoint?.ToString() ?? "none"} allowed-ips {string.Join(',', actual.AllowedIps)} dev {peer.Hop.Device}",
                device is not null && WireGuardTunnels.IsAsWanted(device, peer), retries.ErrorOf(peer)?.Text));
        }
        return rows.ToImmutable();
    }

    private static ObjectStatus Row(string kind, string name, string wanted, string? actual, bool same, string? error) =>
        new(kind, name, wanted, actual, same ? "ok" : error is not null ? "failed" : actual is null ? "missing" : "differs", same ? null : error);

    private static string Describe(WantedLink link) => link switch
    {
        WantedVxlan { External: true } vxlan => $"vxlan external dstport {vxlan.Port} mtu {vxlan.Mtu} {vxlan.Mac}",
        WantedVxlan vxlan => $"vxlan id {vxlan.Vni} local {vxlan.Local} dev {vxlan.Lower} dstport {vxlan.Port} mtu {vxlan.Mtu} {vxlan.Mac}",
        WantedWireGuard wireGuard => $"wireguard mtu {wireGuard.Mtu} port {wireGuard.Port} key {wireGuard.Key}",
        WantedIpip ipip => $"ipip local {ipip.Local} nopmtudisc mtu {ipip.Mtu}",
        WantedTun tun => $"tun mtu {tun.Mtu} qlen {tun.TxQueueLength}",
        _ => $"mtu {link.Mtu}",
    };

    private static string Describe(WireGuardDevice? device) => device is null ? "" : $" port {device.Port} key {device.Key?.ToString() ?? "none"}";

    private static string Describe(Link link) => link.Ipip is { } ipip
        ? $"ipip{(ipip.Remote is null ? "" : $" remote {ipip.Remote}")} local {ipip.Local?.ToString() ?? "any"}{(ipip.Ttl == 0 ? "" : $" ttl {ipip.Ttl}")} {(ipip.PathMtuDiscovery ? "pmtudisc" : "nopmtudisc")} mtu {link.Mtu}{(link.Up ? "" : " down")}"
        : link.Vxlan is { } vxlan
        ? $"vxlan {(vxlan.CollectMetadata ? "external" : $"id {vxlan.Vni} local {vxlan.Local}")} dstport {vxlan.Port} mtu {link.Mtu} {link.Address}{(link.Up ? "" : " down")}"
        : $"{link.Kind ?? "device"} mtu {link.Mtu}{(link.Tun is null ? "" : $" qlen {link.TxQueueLength}")}{(link.Up ? "" : " down")}";
}
