using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class PoolCheck : ICheck
{
    public string Name => "pool";

    public IReadOnlyList<int> Traps => [30];

    public string LooksAt => "remembered leases against the subnets that the network has";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var pool in facts.Network is { } network ? new[] { network.IPv4, network.IPv6 }.OfType<SubnetPool>() : [])
        {
            long leases = facts.Leases.Count(lease => lease.Subnets.All.Any(pool.Network.Contains));
            if ((UInt128)leases * 5 >= pool.Count * 4)
                yield return Bite($"{leases} of {pool.Count} subnets of {pool.Network} are leased", "when none is left new hosts get none, and hosts unseen for 10 minutes lose theirs", $"{facts.Cli("lease list")}; release what is gone for good, or found the network anew with a larger \"Network\" or a longer \"SubnetLen\"");
        }
    }
}
