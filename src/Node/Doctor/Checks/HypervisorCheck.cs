using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class HypervisorCheck : ICheck
{
    public string Name => "hypervisor";

    public IReadOnlyList<int> Traps => [13];

    public string LooksAt => "the machine's vendor (DMI): VMware, with the tunnel on UDP 8472 or 4789";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Vendor?.StartsWith("VMware", StringComparison.Ordinal) == true && facts.Network?.BackEnd is VxlanConfig { Port: 8472 or 4789 } vxlan)
            yield return Note($"a VMware machine, and vxlan on UDP {vxlan.Port}", "NSX takes packets of this port for its own: none arrive, and nobody says so", "set another \"Port\" of Backend in net-conf.json (such as 8473), on all hosts, if pings through the tunnel get lost");
    }
}
