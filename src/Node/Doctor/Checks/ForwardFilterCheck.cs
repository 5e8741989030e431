using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ForwardFilterCheck : ICheck
{
    private static readonly string[] Hooks = ["prerouting", "forward"];

    public string Name => "forward-filter";

    public IReadOnlyList<int> Traps => [15, 17, 16];

    public string LooksAt => "the filter chains of hooks prerouting and forward (nft, and iptables-nft in it), for packets between a container here and another host's, both ways";

    public IEnumerable<Finding> Look(DoctorFacts facts) => facts.Networks.SelectMany(network => facts.Own.Where(network.Contains).SelectMany(own => Look(facts, network, own)));

    /// <summary>A place that stops both directions is told once, with the one that is certain.</summary>
    private static IEnumerable<Finding> Look(DoctorFacts facts, IpPrefix network, IpPrefix own)
    {
        string bridge = facts.Bridges.FirstOrDefault()?.Name ?? "docker0";
        string tunnel = facts.TunnelFor(network)?.Name ?? facts.Underlay ?? "eth0";
        var (here, there) = (own.AddressAt(2), facts.SubnetBeside(network, own).AddressAt(2));
        PacketView[] packets = [new PacketView(bridge, tunnel, here, there), new PacketView(tunnel, bridge, there, here)];
        var drops = packets.SelectMany(packet => Hooks.Select(hook => (Packet: packet, Hook: hook, Drop: FirewallWalk.At(facts.Firewall.Rules, hook, packet))));
        foreach (var place in drops.Where(found => found.Drop is not null).GroupBy(found => (found.Drop!.Chain.ToString(), found.Drop.Handle)))
        {
            var (packet, hook, found) = place.MaxBy(one => one.Drop!.Certain);
            var drop = found!;
            yield return drop.Certain
                ? Bite($"{drop} (hook {hook}, from {packet.Input} to {packet.Output})", $"no container reaches another host's ({network})", Mend(facts.Firewall.Rules, hook, packet, drop, network))
                : Note($"{drop}, perhaps (hook {hook}, from {packet.Input} to {packet.Output})", "it depends on more than addresses", $"nft -a list chain {drop.Chain}");
        }
    }

    /// <summary>Docker makes its chains anew and leaves DOCKER-USER alone: the place for a rule, where an accept there comes before the drop and in the same base chain.</summary>
    private static string Mend(NftRuleset rules, string hook, PacketView packet, FirewallDrop drop, IpPrefix network)
    {
        var flow = new FlowMatch(network, network);
        string family = network.IsIPv4 ? "ip" : "ip6";
        var docker = rules.Chains.FirstOrDefault(chain => chain is { Table: "filter", Name: "DOCKER-USER" } && chain.Family == family);
        bool helps = docker is not null && !drop.IsSamePlaceAs(FirewallWalk.At(rules.Accepting(docker), hook, packet));
        return helps ? $"{(network.IsIPv4 ? "iptables" : "ip6tables")} -I DOCKER-USER {flow.Iptables} -j ACCEPT" : drop.Mend(flow);
    }
}
