using AkkaOverlay.Kernel.Firewall;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class LegacyRulesCheck : ICheck
{
    public string Name => "iptables-legacy";

    public IReadOnlyList<int> Traps => [15];

    public string LooksAt => "iptables-legacy-save beside nftables";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Firewall.Legacy is not { } legacy)
            yield break;
        bool drops = legacy.Split('\n').Any(line => line.StartsWith(":FORWARD DROP", StringComparison.Ordinal));
        string accept = facts.Network?.IPv4?.Network is { } network ? $"iptables-legacy -A FORWARD {new FlowMatch(network, network).Iptables} -j ACCEPT" : "iptables-legacy-save";
        yield return drops
            ? Bite("iptables-legacy has policy DROP in FORWARD, beside nftables", "a packet must pass both: what one of them allows the other still drops", $"{accept}; and use one of the two: update-alternatives --config iptables")
            : Note("iptables-legacy has rules beside nftables", "a packet must pass both, and each tool shows its own half", "iptables-legacy-save; update-alternatives --config iptables");
    }
}
