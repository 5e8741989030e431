using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class AddressGoneCheck : ICheck
{
    public string Name => "address-gone";

    public IReadOnlyList<int> Traps => [8];

    public string LooksAt => "addresses of --public-ip, --iface and the seed list's own entry: each on a device that is up";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var (option, address) in facts.Claimed)
        {
            var held = facts.Addresses.FirstOrDefault(held => held.Address.Equals(address));
            if (held is null && option.StartsWith("--iface", StringComparison.Ordinal))
                yield return Bite($"{option}: no device has {address}", "the node does not start, or sends with another address", $"ip addr add {address}/24 dev NAME (with its own prefix length)");
            else if (held is not null && facts.Link(held.Interface) is { Up: false } down)
                yield return Bite($"{address} is on {down.Name}, which is down", "nobody reaches this host there", $"ip link set {down.Name} up");
        }
    }
}
