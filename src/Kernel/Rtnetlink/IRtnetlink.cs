using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// The routing side of one network namespace: dumps that are complete or fail, and changes with an answer each. Not thread-safe: one owner.
/// Every member throws <see cref="NetlinkException"/> where the kernel refuses the request as a whole.
/// </summary>
public interface IRtnetlink : IDisposable
{
    /// <summary>The socket's port id: events with it are the echo of our own changes.</summary>
    uint PortId { get; }

    IReadOnlyList<Link> DumpLinks();

    /// <summary>The device of that name, or null.</summary>
    Link? FindLink(string name);

    /// <param name="interfaceIndex">0 for all devices.</param>
    IReadOnlyList<InterfaceAddress> DumpAddresses(int interfaceIndex = 0);

    IReadOnlyList<Route> DumpRoutes(RouteFilter filter = default);

    /// <summary>IPv4 and IPv6 neighbours of one device (0: all devices).</summary>
    IReadOnlyList<Neighbour> DumpNeighbours(int interfaceIndex);

    IReadOnlyList<FdbEntry> DumpFdb(int interfaceIndex);

    /// <param name="family">Null for both families.</param>
    /// <param name="protocol">FRA_PROTOCOL; null for all. The kernel has no filter for it: all rules are read.</param>
    IReadOnlyList<Rule> DumpRules(AddressFamily? family = null, byte? protocol = null);

    /// <param name="protocol">nh_protocol; null for all. The kernel has no filter for it: all nexthop objects are read.</param>
    IReadOnlyList<Nexthop> DumpNexthops(byte? protocol = null);

    /// <summary>The route that a packet to this address would take now (<c>ip route get</c>), or null where there is none.</summary>
    Route? LookupRoute(IPAddress destination);

    /// <summary>What the kernel would do with a packet now, as <c>ip route get</c> asks it: its way, the route behind that, or why there is none.</summary>
    RouteAnswer Lookup(RouteQuestion question);

    /// <summary>
    /// Sends the changes in order, many in one system call, and waits for each one's acknowledgement. A change that fails does not stop those behind it.
    /// </summary>
    /// <returns>One element per change, in order: null where it was done, else why not.</returns>
    IReadOnlyList<NetlinkError?> Apply(IReadOnlyList<RtnetlinkChange> changes);
}
