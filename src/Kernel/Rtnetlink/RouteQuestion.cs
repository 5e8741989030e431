using System.Net;
using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>A packet, as far as routing cares.</summary>
/// <param name="Destination">IPv4 or IPv6.</param>
public sealed record RouteQuestion(IPAddress Destination)
{
    /// <summary>RTA_SRC; null for one that this host may choose.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>RTA_IIF: the device that it came in by, for which forwarding and source checks count too; 0 for a packet of this host's own.</summary>
    public int InputInterface { get; init; }
}

/// <param name="Way">Device, gateway and type as the packet would be treated; null where it is refused.</param>
/// <param name="Match">The route that says so, with its maker and table (RTM_F_FIB_MATCH); null where the kernel does not tell.</param>
/// <param name="Refusal">ENETUNREACH, EHOSTUNREACH, EACCES (prohibit), EINVAL (blackhole; of an incoming packet any reason), EXDEV (its source); null where there is a way.</param>
public sealed record RouteAnswer(Route? Way, Route? Match, NetlinkError? Refusal);
