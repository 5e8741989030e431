using AkkaOverlay.Kernel.Net;
using System.Net;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class OverlapCheck : ICheck
{
    public string Name => "overlap";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "networks of other bridges (docker, libvirt, podman) and of the underlay, against the overlay's";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        // Networks with the same addresses are kept apart by their bridges (docs/networks.md): another one's is in nobody's way.
        foreach (var held in facts.Addresses.Where(held => held.Prefix.Length < held.Address.BitLength() && !IPAddress.IsLoopback(held.Address)))
        {
            var link = facts.Link(held.Interface);
            if (link is null || facts.Tunnels.Contains(link) || held.Address.IsIPv6LinkLocal || OthersObjects.Has(facts, link))
                continue;
            foreach (var network in facts.Networks.Where(network => network.Overlaps(held.Prefix)))
            {
                if (facts.IsApart && link.Name != facts.Underlay)
                    continue;
                if (facts.Own.Any(own => own.Contains(held.Prefix.Network) && own.Length <= held.Prefix.Length))
                    continue;
                string what = $"{link.Name} has {held.Prefix}, inside the overlay's {network}, and it is not this host's subnet";
                yield return link.Name == facts.Underlay
                    ? Bite($"{what}: the underlay itself", "the tunnels' own packets would go into the tunnel", "choose another \"Network\" in net-conf.json")
                    : Bite(what, "packets for the host that has that subnet end here", link.Kind == "bridge" ? $"give that bridge another network (docker: bip of daemon.json; libvirt: virsh net-edit), or ip addr del {held.Prefix} dev {link.Name}" : $"ip addr del {held.Prefix} dev {link.Name}");
            }
        }
    }
}
