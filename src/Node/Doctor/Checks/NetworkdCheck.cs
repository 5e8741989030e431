using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class NetworkdCheck : ICheck
{
    public string Name => "networkd";

    public IReadOnlyList<int> Traps => [7];

    public string LooksAt => "systemd-networkd: ManageForeignRoutes and ManageForeignRoutingPolicyRules of networkd.conf and its drop-ins; .network files that match flannel*";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (!facts.Runs("systemd-network"))
            yield break;
        var files = facts.Files.Where(file => file.Key.Contains("networkd.conf", StringComparison.Ordinal)).OrderBy(file => file.Key.Contains(".d/", StringComparison.Ordinal)).ThenBy(file => Path.GetFileName(file.Key), StringComparer.Ordinal).Select(file => file.Value).ToList();
        foreach (string key in new[] { "ManageForeignRoutes", "ManageForeignRoutingPolicyRules" })
        {
            if (!IniFile.IsNo(IniFile.Last(files, "Network", key)))
                yield return Bite($"systemd-networkd runs with {key}=yes", "at its restart it takes away routes and rules that it did not make; a stopped node does not put them back", $"mkdir -p /etc/systemd/networkd.conf.d && printf '[Network]\\n{key}=no\\n' > /etc/systemd/networkd.conf.d/akka-overlay-{key.ToLowerInvariant()}.conf && systemctl restart systemd-networkd");
        }
        foreach (var (path, text) in facts.Files.Where(file => file.Key.EndsWith(".network", StringComparison.Ordinal)))
        {
            var lines = IniFile.Read(text).ToList();
            string? names = lines.LastOrDefault(line => line is { Section: "Match", Key: "Name" }).Value;
            bool unmanaged = lines.Any(line => line is { Section: "Link", Key: "Unmanaged" } && !IniFile.IsNo(line.Value));
            if (names is not null && !unmanaged && facts.Tunnels.Select(link => link.Name).DefaultIfEmpty("flannel.1").Any(name => IniFile.Matches(names, name)))
                yield return Bite($"{path} takes flannel.* over (Name={names})", "systemd-networkd takes our addresses and routes off the device", "printf '[Match]\\nName=flannel*\\n[Link]\\nUnmanaged=yes\\n' > /etc/systemd/network/00-akka-overlay.network && networkctl reload");
        }
    }
}
