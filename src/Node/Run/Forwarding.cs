using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Sysctl;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>The forwarding sysctls: a host that does not forward is a dead end for its own containers.</summary>
internal static class Forwarding
{
    /// <param name="network">Null where it is not known yet: then IPv4's, which nearly every network needs.</param>
    /// <param name="underlay">A forwarding host takes router advertisements on it only when told so (Documentation/networking/ip-sysctl.rst, accept_ra).</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void Enable(NetworkConfig? network, string underlay, ILogger log)
    {
        if (network is null || network.EnableIPv4)
            Set("net.ipv4.ip_forward", "1", log);
        if (network is not { EnableIPv6: true })
            return;
        string advertisements = $"net/ipv6/conf/{underlay}/accept_ra";
        if (Sysctls.Exists(advertisements) && Sysctls.Read(advertisements) == "1")
            Set(advertisements, "2", log);
        Set("net.ipv6.conf.all.forwarding", "1", log);
    }

    private static void Set(string key, string value, ILogger log)
    {
        if (Sysctls.Ensure(key, value))
            log.LogInformation("Set {Key} = {Value}", key, value);
    }
}
