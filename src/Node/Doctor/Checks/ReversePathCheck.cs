using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ReversePathCheck : ICheck
{
    public string Name => "rp-filter";

    public IReadOnlyList<int> Traps => [18];

    public string LooksAt => "net.ipv4.conf.{all,our device}.rp_filter: the kernel takes the greater";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        long all = facts.Number("net/ipv4/conf/all/rp_filter") ?? 0;
        foreach (var link in facts.Tunnels)
        {
            long own = facts.Number($"net/ipv4/conf/{link.Name}/rp_filter") ?? 0;
            if (Math.Max(all, own) == 1)
            {
                // "all" and the device's: the greater counts, so that 2 on the device outdoes 1 on all.
                yield return Bite(
                    $"rp_filter is strict on {link.Name} (all = {all}, its own = {own})", "packets from hosts' own addresses, and from containers with several ways, are dropped without a word",
                    $"sysctl -w net/ipv4/conf/{link.Name}/rp_filter=2");
            }
        }
        if (!facts.Tunnels.Any() && all == 1)
            yield return Note("net.ipv4.conf.all.rp_filter = 1", "strict on every device, the overlay's among them, that does not say 2 itself", "sysctl -w net.ipv4.conf.default.rp_filter=2, which devices made from then on begin with");
    }
}
