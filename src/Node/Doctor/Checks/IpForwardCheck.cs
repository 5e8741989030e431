using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class IpForwardCheck : ICheck
{
    public string Name => "ip-forward";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "net.ipv4.ip_forward, net.ipv6.conf.all.forwarding, and those of our devices and the bridges";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        foreach (var (family, global) in new[] { ("ipv4", "net/ipv4/ip_forward"), ("ipv6", "net/ipv6/conf/all/forwarding") })
        {
            if (facts.Network is { } network && !(family == "ipv4" ? network.EnableIPv4 : network.EnableIPv6) || facts.Network is null && family == "ipv6")
                continue;
            string dotted = global.Replace('/', '.');
            if (facts.Number(global) == 0)
            {
                // The node sets it at its start; whoever set it back afterwards did it under the running node.
                string mend = $"sysctl -w {dotted}=1; and see who sets it: grep -r {dotted} /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d";
                yield return facts.NodeRuns || facts.Tunnels.Any()
                    ? Bite($"{dotted} = 0", "this host drops every packet between its containers and the others", mend)
                    : Note($"{dotted} = 0", "containers need it; the node sets it when it starts", mend);
                continue;
            }
            foreach (var link in facts.Tunnels.Concat(facts.Bridges).Where(link => facts.Number($"net/{family}/conf/{link.Name}/forwarding") == 0))
                yield return Bite($"net/{family}/conf/{link.Name}/forwarding = 0", $"what comes in by {link.Name} is not forwarded", $"sysctl -w net/{family}/conf/{link.Name}/forwarding=1");
        }
    }
}
