using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class NeighbourTableCheck : ICheck
{
    public string Name => "neighbour-table";

    public IReadOnlyList<int> Traps => [21];

    public string LooksAt => "net.ipv4.neigh.default.gc_thresh3, and IPv6's, against the entries of its own table: of all network namespaces where the kernel shows them, else of this one";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var (family, neighbours) in new[] { ("ipv4", facts.NeighboursIPv4), ("ipv6", facts.NeighboursIPv6) })
        {
            if (facts.Number($"net/{family}/neigh/default/gc_thresh3") is not { } limit)
                continue;
            long counted = neighbours.Counted(facts.Kernel);
            if (counted >= limit * 4 / 5)
                yield return Bite($"{counted} neighbours of {limit} ({family})", "new ones are refused (\"neighbour table overflow\"): containers cannot be reached", $"sysctl -w net.{family}.neigh.default.gc_thresh3={Math.Max(8192, limit * 4)} net.{family}.neigh.default.gc_thresh2={Math.Max(4096, limit * 2)}");
        }
    }
}
