using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class SharedAddressCheck : ICheck
{
    public string Name => "shared-address";

    public IReadOnlyList<int> Traps => [3];

    public string LooksAt => "this host's underlay address: one that every virtual machine has (10.0.2.15), or that another lease has too";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        var mine = facts.Addresses.Where(held => facts.NameOf(held.Interface) == facts.Underlay).Select(held => held.Address).ToList();
        if (mine.Any(address => address.ToString() == "10.0.2.15"))
            yield return Bite($"{facts.Underlay} has 10.0.2.15, VirtualBox's NAT address, which every machine there has", "the others send this host's packets to themselves", $"{facts.Cli("run --iface NAME")} (the host-only or bridged device)");
        foreach (var other in facts.Leases.Where(lease => lease.Owner != facts.Node && mine.Any(address => address.Equals(lease.Public.IPv4) || address.Equals(lease.Public.IPv6))))
            yield return Bite($"host {other.NodeName} has the same underlay address", "packets for one of the two arrive at the other", $"give one of the hosts another address, or release the lease of one that is gone: {facts.Cli($"lease release {other.Subnets}")}");
    }
}
