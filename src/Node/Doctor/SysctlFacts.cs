using AkkaOverlay.Kernel.Sysctl;

namespace AkkaOverlay.Node.Doctor;

/// <summary>The kernel parameters that checks look at, with those of every device.</summary>
internal static class SysctlFacts
{
    private static readonly string[] Fixed =
    [
        "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv4/conf/all/rp_filter", "net/ipv4/neigh/default/gc_thresh3", "net/ipv6/neigh/default/gc_thresh3",
        "net/netfilter/nf_conntrack_max", "net/netfilter/nf_conntrack_count", "net/bridge/bridge-nf-call-iptables", "net/ipv4/ip_local_port_range", "net/ipv4/ip_local_reserved_ports",
    ];

    /// <summary>Of the calling thread's network namespace. What is not there, or goes meanwhile, is left out.</summary>
    public static IReadOnlyDictionary<string, string> Read()
    {
        var found = new Dictionary<string, string>();
        foreach (string key in Fixed.Concat(OfDevices("ipv4", "rp_filter")).Concat(OfDevices("ipv4", "forwarding")).Concat(OfDevices("ipv6", "forwarding")).Where(Sysctls.Exists))
        {
            try
            {
                found[key] = Sysctls.Read(key);
            }
            catch (IOException)
            {
                // Gone between the question and the answer.
            }
        }
        return found;
    }

    private static IEnumerable<string> OfDevices(string family, string name)
    {
        string folder = $"/proc/sys/net/{family}/conf";
        return Directory.Exists(folder) ? Directory.GetDirectories(folder).Select(path => $"net/{family}/conf/{Path.GetFileName(path)}/{name}") : [];
    }
}
