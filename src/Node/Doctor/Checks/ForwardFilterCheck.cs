using AkkaOverlay.Kernel.Firewall;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ForwardFilterCheck : ICheck
{
    public string Name => "forward-filter";

    public IReadOnlyList<int> Traps => [15, 17, 16];

    public string LooksAt => "the filter chains of hooks prerouting and forward (nft, and iptables-nft in it), for packets between a container here and another host's, both ways";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var (network, own) in facts.Networks.SelectMany(network => facts.Own.Where(network.Contains).Select(own => (network, own))))
        {
            string bridge = facts.Bridges.FirstOrDefault()?.Name ?? "docker0";
            string tunnel = facts.Tunnels.FirstOrDefault()?.Name ?? facts.Underlay ?? "eth0";
            var (here, there) = (own.AddressAt(2), (own.Last.Equals(network.Last) ? network.AddressAt(2) : own.Next(1).AddressAt(2)));
            foreach (var packet in new[] { new PacketView(bridge, tunnel, here, there), new PacketView(tunnel, bridge, there, here) })
            {
                foreach (string hook in new[] { "prerouting", "forward" })
                {
                    var drop = FirewallWalk.At(facts.Firewall.Rules, hook, packet);
                    if (drop is { Certain: true })
                    {
                        yield return Bite(
                            $"{drop} (hook {hook}, from {packet.Input} to {packet.Output})", "no container reaches another host's",
                            facts.Runs("dockerd") ? $"iptables -I DOCKER-USER -s {network} -d {network} -j ACCEPT" : drop.Handle is null ? $"nft insert rule {drop.Chain} ip saddr {network} ip daddr {network} accept" : drop.Mend);
                        yield break;
                    }
                    if (drop is not null)
                        yield return Note($"{drop}, perhaps (hook {hook}, from {packet.Input} to {packet.Output})", "it depends on more than addresses", $"nft -a list chain {drop.Chain}");
                }
            }
        }
    }
}
