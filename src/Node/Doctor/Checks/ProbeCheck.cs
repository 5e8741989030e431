using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ProbeCheck : ICheck
{
    public string Name => "probes";

    public IReadOnlyList<int> Traps => [12, 13, 20];

    public string LooksAt => "the running node's probes: paths through the overlay that fail while the control plane is fine";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var (peer, text, address, sometimes) in facts.FailingPaths)
        {
            string there = $"{facts.Cli("doctor")} on {peer}";
            string mend = facts.ProbeAddressFor(address) is { } own ? $"{facts.Cli($"explain {own} {address}")}; {there}" : there;
            yield return sometimes
                ? Note($"the way to {peer} loses packets: {text}", "connections between containers here and there are slow", mend)
                : Bite($"the way to {peer} fails: {text}", "containers here and there do not reach each other, or large packets between them are lost", mend);
        }
    }
}
