using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Network;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class MacAddressCheck : ICheck
{
    public string Name => "mac-address";

    public IReadOnlyList<int> Traps => [6];

    public string LooksAt => "the vxlan device's MAC address against the one in the lease; *.link files that match flannel*";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Node is { } node && facts.Network?.BackEnd is VxlanConfig vxlan)
        {
            var wanted = VxlanBackEnd.MacFor(node, (uint)vxlan.Vni);
            foreach (var link in facts.Tunnels.Where(link => link.Kind == "vxlan" && link.Address is { } address && address != wanted))
                yield return Bite($"{link.Name} has MAC address {link.Address}, the others send to {wanted}", "everything that arrives is dropped", facts.NodeRuns ? $"{facts.Cli("routes")}; see who sets it: networkctl status {link.Name}" : $"ip link set {link.Name} address {wanted}, if it is akka-overlay's; else see check stale-flannel");
        }
        foreach (var (path, text) in facts.Files.Where(file => file.Key.EndsWith(".link", StringComparison.Ordinal)))
        {
            var lines = IniFile.Read(text).ToList();
            string? names = lines.LastOrDefault(line => line is { Section: "Match", Key: "OriginalName" }).Value;
            string? policy = lines.LastOrDefault(line => line is { Section: "Link", Key: "MACAddressPolicy" }).Value;
            string? address2 = lines.LastOrDefault(line => line is { Section: "Link", Key: "MACAddress" }).Value;
            // "*" is systemd's own default, which leaves addresses alone that were given at the making.
            if (names is not null and not "*" && IniFile.Matches(names, "flannel.1") && (policy is not null and not "none" || address2 is not null))
                yield return Bite($"{path} gives flannel.* a MAC address of its own ({policy ?? address2})", "the others send to the one in the lease, and everything that arrives is dropped", $"set MACAddressPolicy=none in {path} and udevadm control --reload");
        }
    }
}
