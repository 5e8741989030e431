using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Reconcile;

/// <summary>
/// Who changed a route last, other than we: from the kernel's own events, so that a fight can be reported with the other's name. The kernel names the asker
/// of a change to routes only; for other objects it says 0.
/// </summary>
public sealed class Suspects
{
    private const int Most = 10_000;

    private readonly Dictionary<IpPrefix, string> byDestination = [];

    public void Note(RtnetlinkEvent.RouteEvent change)
    {
        if (change.PortId == 0)
            return;
        if (byDestination.Count >= Most)
            byDestination.Clear();
        byDestination[change.Route.Destination] = change.Deleted || change.Route.Protocol == RouteManager.RouteReconciler.OverlayProtocol
            ? $"netlink port id {change.PortId}"
            : $"netlink port id {change.PortId}, route protocol {change.Route.Protocol}";
    }

    public string? Of(IpPrefix destination) => byDestination.GetValueOrDefault(destination);
}
