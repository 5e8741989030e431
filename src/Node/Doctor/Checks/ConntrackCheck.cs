using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ConntrackCheck : ICheck
{
    public string Name => "conntrack";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "net.netfilter.nf_conntrack_count against nf_conntrack_max";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Number("net/netfilter/nf_conntrack_max") is { } limit and > 0 && facts.Number("net/netfilter/nf_conntrack_count") is { } count && count >= limit * 4 / 5)
            yield return Bite($"{count} connections of {limit} are tracked", "what is one too many is dropped", $"sysctl -w net.netfilter.nf_conntrack_max={limit * 4}");
    }
}
