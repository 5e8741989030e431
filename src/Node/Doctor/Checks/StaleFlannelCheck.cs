using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class StaleFlannelCheck : ICheck
{
    public string Name => "stale-flannel";

    public IReadOnlyList<int> Traps => [9];

    public string LooksAt => "devices flannel.*, flannel0 and flannel-wg that are neither this node's nor another network's here; flanneld";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Runs("flanneld"))
            yield return Bite("flanneld runs", "two programs want the same devices, subnet.env and ports", "systemctl disable --now flanneld");
        foreach (var link in facts.Links.Where(link => link.Name.StartsWith("flannel", StringComparison.Ordinal) && link.Kind is "vxlan" or "tun" or "wireguard" or "ipip"))
        {
            if (facts.Node is { } node && BackEndRegistry.Owns(node, link))
                continue;
            bool isWanted = facts.TunnelNames.Contains(link.Name);
            if (!OthersObjects.Has(facts, link))
                yield return Nobodys(facts, link, isWanted);
            else if (isWanted)
                yield return Bite($"{link.Name} is another network's of this host", "two networks cannot have the same device, and the node does not start", $"set another \"{(facts.Network!.BackEnd is UdpConfig ? "Port" : "VNI")}\" of Backend in net-conf.json, on all hosts of this network");
        }
    }

    /// <summary>Without a proof that it is another network's. Where there are others, it may be one's all the same, which has made no route yet: then it is not to be deleted unasked.</summary>
    private static Finding Nobodys(DoctorFacts facts, Link link, bool isWanted)
    {
        string what = $"{link.Name} is not this node's: of flannel, or of an earlier node id";
        if (facts.Beside.Names.Count > 0 && !OthersObjects.IsDefaultsAlone(facts, link))
        {
            string ask = $"look whose it is: {string.Join("; ", facts.Beside.Names.Select(name => DoctorFacts.CliOf(name, "routes")))}";
            return isWanted
                ? Bite($"{what}, or of another network here", "the node does not touch what is not its own, and does not start", ask)
                : Note($"{what}, or of another network here", "if it is nobody's, its routes and addresses may stand in our way", ask);
        }
        return facts.Network is null || isWanted
            ? Bite(what, "the node does not touch what is not its own, and does not start", $"ip link del {link.Name}")
            : Note(what, "its routes and addresses may stand in our way", $"ip link del {link.Name}");
    }
}
