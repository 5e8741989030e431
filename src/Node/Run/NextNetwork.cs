using System.Net;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Run;

/// <summary>Whether this host could do with another configuration than the one it has: what a node looks at before it starts, while it runs.</summary>
internal sealed class NextNetwork(NodePlan plan)
{
    /// <param name="underlay">As it is now.</param>
    /// <returns>What is in the way; null for nothing.</returns>
    public string? Objection(NetworkConfig present, NetworkConfig next, Underlay underlay)
    {
        try
        {
            using IRtnetlink kernel = RtnetlinkSocket.Open();
            new OtherNetworks(kernel, plan.Options, next, plan.Node) { Present = present }.Check(new[] { underlay.Local.IPv4, underlay.Local.IPv6 }.OfType<IPAddress>());
            return null;
        }
        catch (StartException e)
        {
            return e.Message;
        }
        catch (NetlinkException)
        {
            // Nothing is known against it; a trial will tell.
            return null;
        }
    }
}
