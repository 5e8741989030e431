using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class VxlanFlagsCheck : ICheck
{
    public string Name => "vxlan-flags";

    public IReadOnlyList<int> Traps => [10, 11];

    public string LooksAt => "our vxlan device: l2miss, l3miss, learning";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var link in facts.Tunnels)
        {
            if (link.Vxlan is not { } vxlan)
                continue;
            if (vxlan.L2Miss || vxlan.L3Miss)
                yield return Bite($"{link.Name} asks user space for unknown addresses (l2miss or l3miss)", "first packets are lost, and nobody here answers", $"ip link del {link.Name}; a running akka-overlay makes it anew");
            if (vxlan.Learning && facts.Network?.BackEnd is VxlanConfig { Learning: false })
                yield return Bite($"{link.Name} learns addresses from what arrives", "a moved or forged address leads packets astray", $"ip link set {link.Name} type vxlan nolearning");
        }
    }
}
