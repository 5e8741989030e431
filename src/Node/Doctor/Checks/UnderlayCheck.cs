using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class UnderlayCheck : ICheck
{
    public string Name => "underlay";

    public IReadOnlyList<int> Traps => [8];

    public string LooksAt => "the underlay device: there, up, with a carrier and an address";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Underlay is not { } name)
        {
            yield return Bite("no underlay device: no default route, and none was named", "the node does not start", facts.Cli("run --iface NAME"));
            yield break;
        }
        if (facts.Link(name) is not { } link)
            yield return Bite($"the underlay device {name} is not there", "nothing leaves this host", $"plug it in, or {facts.Cli("run --iface NAME")}");
        else if (!link.Up)
            yield return Bite($"the underlay device {name} is down", "nothing leaves this host", $"ip link set {name} up");
        else if (!link.Carrier)
            yield return Bite($"the underlay device {name} has no carrier", "nothing leaves this host", "check the cable and the switch's port");
        else if (facts.Addresses.All(held => held.Interface != link.Index))
            yield return Bite($"the underlay device {name} has no address", "the tunnels have no source", $"ip addr add ADDRESS/LENGTH dev {name}");
    }
}
