using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ChecksumCheck : ICheck
{
    public string Name => "checksum-offload";

    public IReadOnlyList<int> Traps => [12];

    public string LooksAt => "tx-checksum-ip-generic of our vxlan device (ethtool -k), before Linux 5.7";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var link in facts.Tunnels.Where(link => link.Kind == "vxlan" && facts.ChecksumOffload.Contains(link.Name) && facts.Kernel < new Version(5, 7)))
            yield return Bite($"{link.Name} leaves checksums to the card, on Linux {facts.Kernel}", "masqueraded packets have a wrong checksum: connections hang for 63 s", $"ethtool -K {link.Name} tx-checksum-ip-generic off");
    }
}
