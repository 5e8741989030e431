using AkkaOverlay.Actors.BackEnds;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class StaleFlannelCheck : ICheck
{
    public string Name => "stale-flannel";

    public IReadOnlyList<int> Traps => [9];

    public string LooksAt => "devices flannel.*, flannel0 and flannel-wg that are not this node's; flanneld";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Runs("flanneld"))
            yield return Bite("flanneld runs", "two programs want the same devices, subnet.env and ports", "systemctl disable --now flanneld");
        foreach (var link in facts.Links.Where(link => link.Name.StartsWith("flannel", StringComparison.Ordinal) && link.Kind is "vxlan" or "tun" or "wireguard" or "ipip"))
        {
            if (facts.Node is { } node && BackEndRegistry.Owns(node, link))
                continue;
            bool inTheWay = facts.Network is null || facts.Tunnels.Contains(link);
            string what = $"{link.Name} is not this node's: of flannel, or of an earlier node id";
            yield return inTheWay
                ? Bite(what, "the node does not touch what is not its own, and does not start", $"ip link del {link.Name}")
                : Note(what, "its routes and addresses may stand in our way", $"ip link del {link.Name}");
        }
    }
}
