using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class CapabilitiesCheck : ICheck
{
    public string Name => "capabilities";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "CAP_NET_ADMIN of the caller";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (!facts.HasNetAdmin)
            yield return Bite("no CAP_NET_ADMIN", "neither the node nor this look at the firewall works without it", $"sudo {facts.Cli("doctor")}");
    }
}
