using AkkaOverlay.Kernel.Firewall;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class TunnelFilterCheck : ICheck
{
    public string Name => "tunnel-filter";

    public IReadOnlyList<int> Traps => [13, 26];

    public string LooksAt => "the filter chains of hooks input and output, for the tunnel's UDP port and the cluster's TCP port";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        var local = facts.Addresses.FirstOrDefault(held => facts.NameOf(held.Interface) == facts.Underlay)?.Prefix;
        if (local is not { } mine || facts.Underlay is not { } underlay)
            yield break;
        var other = mine.AddressAt(mine.AddressAt(1).Equals(mine.Address) ? 2u : 1u);
        if (facts.TunnelPort is { } port)
        {
            var tunnel = new FlowMatch(Protocol: "udp", Port: port);
            if (FirewallWalk.At(facts.Firewall.Rules, "input", new PacketView(underlay, null, other, mine.Address, "udp", port)) is { Certain: true } inward)
                yield return Bite($"UDP {port} from {underlay}: {inward}", "nothing comes out of the tunnel", inward.Mend(tunnel));
            if (FirewallWalk.At(facts.Firewall.Rules, "output", new PacketView(null, underlay, mine.Address, other, "udp", port)) is { Certain: true } outward)
                yield return Bite($"UDP {port} to {underlay}: {outward}", "nothing leaves by the tunnel", outward.Mend(tunnel));
        }
        if (FirewallWalk.At(facts.Firewall.Rules, "input", new PacketView(underlay, null, other, mine.Address, "tcp", facts.Port)) is { Certain: true } cluster)
            yield return Bite($"TCP {facts.Port} from {underlay}: {cluster}", "the cluster's members do not reach this host", cluster.Mend(new FlowMatch(Protocol: "tcp", Port: facts.Port)));
    }
}
