using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ReservedPortCheck : ICheck
{
    public string Name => "reserved-ports";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "net.ipv4.ip_local_port_range and ip_local_reserved_ports, against the cluster's and the tunnel's port";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (!facts.Sysctls.TryGetValue("net/ipv4/ip_local_port_range", out string? range) || range.Split(' ') is not [var first, var last] || !int.TryParse(first, out int from) || !int.TryParse(last, out int to))
            yield break;
        string reserved = facts.Sysctls.GetValueOrDefault("net/ipv4/ip_local_reserved_ports", "");
        var taken = new[] { facts.Port, facts.TunnelPort ?? 0 }.Distinct().Where(port => port >= from && port <= to && !Reserved(reserved, port)).ToList();
        if (taken.Count > 0)
        {
            yield return Bite(
                $"port {string.Join(" and ", taken)} may be given to any program (ip_local_port_range {range})", "a program that was given it keeps the node from starting",
                $"sysctl -w net.ipv4.ip_local_reserved_ports={string.Join(",", reserved.Split(',', StringSplitOptions.RemoveEmptyEntries).Concat(taken.Select(port => $"{port}")))}");
        }
    }

    private static bool Reserved(string list, int port) => list.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(item => item.Split('-')).Any(item => int.TryParse(item[0], out int first) && int.TryParse(item[^1], out int last) && first <= port && port <= last);
}
