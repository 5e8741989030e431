using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class BridgeNetfilterCheck : ICheck
{
    public string Name => "br-netfilter";

    public IReadOnlyList<int> Traps => [19];

    public string LooksAt => "net.bridge.bridge-nf-call-iptables with a FORWARD that drops; the module where Docker runs";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        bool has = facts.Number("net/bridge/bridge-nf-call-iptables") is not null;
        if (facts.Number("net/bridge/bridge-nf-call-iptables") == 1 && facts.Firewall.Rules.Chains.Any(chain => chain is { Hook: "forward", Type: "filter", Policy: "drop" }))
            yield return Note("net.bridge.bridge-nf-call-iptables = 1, and FORWARD drops by policy", "packets between two containers on one bridge are filtered too", "iptables -I FORWARD -i BRIDGE -o BRIDGE -j ACCEPT, or sysctl -w net.bridge.bridge-nf-call-iptables=0");
        else if (!has && facts.Runs("dockerd"))
            yield return Note("br_netfilter is not loaded, and Docker runs", "published ports between containers of one bridge do not work without it", "modprobe br_netfilter; echo br_netfilter > /etc/modules-load.d/akka-overlay.conf");
    }
}
