using AkkaOverlay.Kernel.Firewall;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class MasqueradeCheck : ICheck
{
    public string Name => "masquerade";

    public IReadOnlyList<int> Traps => [14];

    public string LooksAt => "the nat chains of hook postrouting, for packets from a container here to another host's";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var (network, own) in facts.Networks.SelectMany(network => facts.Own.Where(network.Contains).Select(own => (network, own))))
        {
            var there = facts.SubnetBeside(network, own).AddressAt(2);
            var packet = new PacketView(facts.Bridges.FirstOrDefault()?.Name ?? "docker0", facts.TunnelFor(network)?.Name ?? facts.Underlay ?? "eth0", own.AddressAt(2), there);
            if (FirewallWalk.Translates(facts.Firewall.Rules, packet) is { Certain: true } rule)
            {
                yield return Bite(
                    $"rule {rule.Handle} of chain {rule.Chain} masquerades what goes from {own} to other hosts' containers", "they see this host's address instead of the container's, and connections race for ports",
                    $"{rule.Mend(new FlowMatch(Destination: network))} (Docker: --ip-masq=false)");
            }
        }
    }
}
