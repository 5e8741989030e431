using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Docker;

/// <summary>A route by which this host's own subnet would be somewhere else: Docker's bridge would never be asked.</summary>
internal static class OwnSubnetRoute
{
    /// <exception cref="StartException">There is one.</exception>
    public static void Refuse(IpPrefix bridge)
    {
        try
        {
            using IRtnetlink kernel = RtnetlinkSocket.Open();
            if (kernel.DumpRoutes(new RouteFilter { Table = Route.MainTable }).FirstOrDefault(route => route.Destination == bridge.Network && route.Gateway is not null) is { } route)
                throw new StartException($"Your routing table already contains the subnet: {route.Destination} via {route.Gateway}");
        }
        catch (NetlinkException e)
        {
            throw new StartException(e.Message, e);
        }
    }
}
