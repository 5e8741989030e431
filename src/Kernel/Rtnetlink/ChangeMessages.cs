using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>From a change to its message, and to the words an error begins with.</summary>
internal static class ChangeMessages
{
    public static void Encode(MessageWriter writer, RtnetlinkChange change, uint sequence)
    {
        switch (change)
        {
            case RtnetlinkChange.CreateVxlan create: LinkMessages.Encode(writer, create, sequence); break;
            case RtnetlinkChange.CreateVeth create: LinkMessages.Encode(writer, create, sequence); break;
            case RtnetlinkChange.CreateBridge create: LinkMessages.Encode(writer, create, sequence); break;
            case RtnetlinkChange.CreateIpip create: LinkMessages.Encode(writer, create, sequence); break;
            case RtnetlinkChange.CreateWireGuard create: LinkMessages.Encode(writer, create, sequence); break;
            case RtnetlinkChange.SetLink set: LinkMessages.Encode(writer, set, sequence); break;
            case RtnetlinkChange.SetVxlanLearning set: LinkMessages.Encode(writer, set, sequence); break;
            case RtnetlinkChange.DeleteLink delete: LinkMessages.Encode(writer, delete, sequence); break;
            case RtnetlinkChange.PutAddress put: AddressMessages.Encode(writer, put, sequence); break;
            case RtnetlinkChange.DeleteAddress delete: AddressMessages.Encode(writer, delete, sequence); break;
            case RtnetlinkChange.PutRoute put: RouteMessages.Encode(writer, put, sequence); break;
            case RtnetlinkChange.DeleteRoute delete: RouteMessages.Encode(writer, delete, sequence); break;
            case RtnetlinkChange.PutNeighbour put: NeighbourMessages.Encode(writer, put, sequence); break;
            case RtnetlinkChange.DeleteNeighbour delete: NeighbourMessages.Encode(writer, delete, sequence); break;
            case RtnetlinkChange.PutFdb put: FdbMessages.Encode(writer, put, sequence); break;
            case RtnetlinkChange.DeleteFdb delete: FdbMessages.Encode(writer, delete, sequence); break;
            case RtnetlinkChange.PutRule put: RuleMessages.Encode(writer, put, sequence); break;
            case RtnetlinkChange.DeleteRule delete: RuleMessages.Encode(writer, delete, sequence); break;
            case RtnetlinkChange.PutNexthop put: NexthopMessages.Encode(writer, put, sequence); break;
            case RtnetlinkChange.DeleteNexthop delete: NexthopMessages.Encode(writer, delete, sequence); break;
            default: throw new ArgumentException($"No message for {change.GetType().Name}.", nameof(change));
        }
    }

    /// <summary>What the change asks, in the words of ip(8): "add route 10.1.2.0/24 via 10.1.2.0 dev 7".</summary>
    public static string Describe(RtnetlinkChange change) => change switch
    {
        RtnetlinkChange.CreateVxlan create => $"create vxlan {create.Name} vni {create.Vxlan.Vni} port {create.Vxlan.Port}",
        RtnetlinkChange.CreateVeth create => $"create veth {create.Name} peer {create.PeerName}",
        RtnetlinkChange.CreateBridge create => $"create bridge {create.Name}",
        RtnetlinkChange.CreateTun create => $"create tun {create.Name}",
        RtnetlinkChange.CreateIpip create => $"create ipip {create.Name}{If(" local ", create.Ipip.Local)}",
        RtnetlinkChange.CreateWireGuard create => $"create wireguard {create.Name}",
        RtnetlinkChange.SetLink set => Text(set),
        RtnetlinkChange.SetVxlanLearning set => $"set vxlan {set.Index} {(set.Learning ? "learning" : "nolearning")}",
        RtnetlinkChange.DeleteLink delete => $"delete link {delete.Index}",
        RtnetlinkChange.PutAddress put => $"put address {put.Address.Prefix} dev {put.Address.Interface}",
        RtnetlinkChange.DeleteAddress delete => $"delete address {delete.Address.Prefix} dev {delete.Address.Interface}",
        RtnetlinkChange.PutRoute put => $"{(put.Replace ? "replace" : "add")} route {Text(put.Route)}",
        RtnetlinkChange.DeleteRoute delete => $"delete route {Text(delete.Route)}",
        RtnetlinkChange.PutNeighbour put => $"put neighbour {Text(put.Neighbour)}",
        RtnetlinkChange.DeleteNeighbour delete => $"delete neighbour {Text(delete.Neighbour)}",
        RtnetlinkChange.PutFdb put => $"put fdb {Text(put.Entry)}",
        RtnetlinkChange.DeleteFdb delete => $"delete fdb {Text(delete.Entry)}",
        RtnetlinkChange.PutRule put => $"add rule {Text(put.Rule)}",
        RtnetlinkChange.DeleteRule delete => $"delete rule {Text(delete.Rule)}",
        RtnetlinkChange.PutNexthop put => $"{(put.Replace ? "replace" : "add")} nexthop {Text(put.Nexthop)}",
        RtnetlinkChange.DeleteNexthop delete => $"delete nexthop id {delete.Id}",
        _ => change.GetType().Name,
    };

    private static string Text(Route route)
    {
        string type = route.Type == RouteType.Unicast ? "" : $"{route.Type.ToString().ToLowerInvariant()} ";
        string device = route.Interface == 0 ? "" : $" dev {route.Interface}";
        string table = route.Table == Route.MainTable ? "" : $" table {route.Table}";
        string metric = route.Metric == 0 ? "" : $" metric {route.Metric}";
        return $"{type}{route.Destination}{If(" nhid ", route.NexthopId)}{If(" via ", route.Gateway)}{device}{table}{metric}";
    }

    private static string Text(Neighbour neighbour) => $"{neighbour.Address}{If(" lladdr ", neighbour.LinkLayer)} dev {neighbour.Interface}";

    private static string Text(FdbEntry entry) => $"{entry.Mac}{If(" dst ", entry.Destination)} dev {entry.Interface}";

    private static string Text(Rule rule)
    {
        string family = rule.Family == System.Net.Sockets.AddressFamily.InterNetwork ? "" : "-6 ";
        string mark = rule.FwMark is null && rule.FwMask is null ? "" : $" fwmark 0x{rule.FwMark ?? 0:x}{(rule.FwMask is { } mask ? $"/0x{mask:x}" : "")}";
        string suppress = If(" suppress_prefixlength ", rule.SuppressPrefixLength);
        return $"{family}priority {rule.Priority}{If(" from ", rule.Source)}{If(" to ", rule.Destination)}{mark} table {rule.Table}{suppress}";
    }

    private static string Text(Nexthop nexthop) =>
        $"id {nexthop.Id}{If(" encap id ", nexthop.EncapVni)}{If(" dst ", nexthop.EncapDestination)}{If(" via ", nexthop.Gateway)} dev {nexthop.Interface}";

    private static string Text(RtnetlinkChange.SetLink set)
    {
        string up = set.Up switch
        {
            true => " up",
            false => " down",
            null => "",
        };
        return $"set link {set.Index}{up}{If(" mtu ", set.Mtu)}{If(" address ", set.Address)}{If(" master ", set.Master)}{If(" txqueuelen ", set.TxQueueLength)}{If(" alias ", set.Alias)}";
    }

    private static string If(string label, object? value) => value is null ? "" : label + value;
}
