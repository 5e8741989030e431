using System.Net;

namespace AkkaOverlay.Actors.Plan;

/// <summary>
/// Where a route leads: a gateway on a device. TunnelManager makes next hops ready, RouteManager uses the ready ones; each tells the other, so that a
/// route is there only while its next hop works.
/// </summary>
/// <param name="Gateway">Null where the whole device is the next hop.</param>
public readonly record struct NextHop(string Device, IPAddress? Gateway)
{
    /// <summary>Of a route that leads nowhere.</summary>
    public static readonly NextHop None = new("", null);

    public override string ToString() => Gateway is null ? $"dev {Device}" : $"via {Gateway} dev {Device}";
}
