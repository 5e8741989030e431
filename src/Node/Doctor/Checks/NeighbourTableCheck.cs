using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class NeighbourTableCheck : ICheck
{
    public string Name => "neighbour-table";

    public IReadOnlyList<int> Traps => [21];

    public string LooksAt => "net.ipv4.neigh.default.gc_thresh3 against the entries that there are, of all network namespaces' one counter those of this one";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (string family in new[] { "ipv4", "ipv6" })
        {
            if (facts.Number($"net/{family}/neigh/default/gc_thresh3") is not { } limit)
                continue;
            // Permanent entries, as ours are, count against the limit before Linux 5.0.
            long counted = facts.Neighbours + (facts.Kernel < new Version(5, 0) ? facts.Leases.Count : 0);
            if (counted >= limit * 4 / 5)
                yield return Bite($"{counted} neighbours of {limit} ({family})", "new ones are refused (\"neighbour table overflow\"): containers cannot be reached", $"sysctl -w net.{family}.neigh.default.gc_thresh3={Math.Max(8192, limit * 4)} net.{family}.neigh.default.gc_thresh2={Math.Max(4096, limit * 2)}");
        }
    }
}
