using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class PortClashCheck : ICheck
{
    public string Name => "tunnel-port";

    public IReadOnlyList<int> Traps => [26, 13];

    public string LooksAt => "vxlan devices and UDP sockets on the tunnel's port";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.TunnelPort is not { } port || facts.Network is not { } network)
            yield break;
        var ours = facts.Tunnels.Select(link => link.Index).ToHashSet();
        foreach (var other in facts.Links.Where(link => link.Vxlan is { } settings && settings.Port == port && !ours.Contains(link.Index)))
        {
            bool same = network.BackEnd is UdpConfig or WireGuardConfig || other.Vxlan!.CollectMetadata || other.Vxlan.Vni == (network.BackEnd as VxlanConfig)?.Vni;
            // Two networks of this host share the port by design.
            if (!same && OthersObjects.Has(facts, other))
                continue;
            yield return same
                ? Bite($"{other.Name} uses UDP {port} too{(other.Vxlan!.CollectMetadata ? " for every VNI (external)" : $", with VNI {other.Vxlan.Vni}")}", "the kernel gives our packets to it, or lets only one of the two devices be", "set another \"Port\" (or \"VNI\") of Backend in net-conf.json, on all hosts")
                : Note($"{other.Name} uses UDP {port} too, with VNI {other.Vxlan!.Vni}", "they can live together while the VNIs differ; a filter on the port hits both", "set another \"Port\" of Backend in net-conf.json, on all hosts");
        }
        if (ours.Count == 0 && !facts.NodeRuns && facts.UdpPorts.Contains(port) && facts.Links.All(link => link.Vxlan?.Port != port))
            yield return Bite($"somebody else listens on UDP {port}", "our device cannot take what arrives there", $"ss -lunp 'sport = :{port}'");
    }
}
