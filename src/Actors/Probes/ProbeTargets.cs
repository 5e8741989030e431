using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Probes;

/// <summary>A path that is probed.</summary>
/// <param name="FullSize">Octets of a full-size packet, IP header included.</param>
internal sealed record ProbeTarget(string Member, NodeId Node, string Name, IPEndPoint Remote, ulong Token, int FullSize)
{
    public (string, AddressFamily) Key => (Member, Remote.AddressFamily);
}

/// <summary>A peer of which probes say nothing.</summary>
internal sealed record Unprobed(string Member, NodeId? Node, string Name, string Reason);

/// <summary>From what the neighbours said to whom is asked, and who is answered. Pure.</summary>
internal sealed record ProbeTargets(ImmutableArray<ProbeTarget> Paths, ImmutableArray<Unprobed> Others)
{
    /// <summary>A tunnel's device has this at least (RFC 791); below it there is nothing of a full size to tell.</summary>
    private const int SmallestMtu = 576;

    /// <param name="members">Whom this host probes.</param>
    /// <param name="said">By member.</param>
    /// <param name="own">IP versions in which this host can ask.</param>
    /// <param name="mtu">This host's.</param>
    /// <param name="reached">Peers' subnets that there is a way to: nobody is believed to be anywhere else.</param>
    public static ProbeTargets Of(
        IEnumerable<string> members,
        IReadOnlyDictionary<string, ProbeProtocol.Announcement> said,
        IReadOnlySet<AddressFamily> own,
        int mtu,
        ImmutableArray<ReachedSubnet> reached)
    {
        var paths = ImmutableArray.CreateBuilder<ProbeTarget>();
        var others = ImmutableArray.CreateBuilder<Unprobed>();
        var subnets = reached.ToLookup(subnet => subnet.Node);
        foreach (string member in members)
        {
            if (!said.TryGetValue(member, out var announcement))
            {
                others.Add(new Unprobed(member, null, member, "it has not said where it can be probed"));
                continue;
            }
            var possible = announcement.EndPoints.Where(endPoint => own.Contains(endPoint.AddressFamily) && subnets[announcement.Node].Any(subnet => subnet.Subnet.Contains(endPoint.Address)))
                .DistinctBy(endPoint => endPoint.AddressFamily).ToList();
            if (possible.Count == 0)
                others.Add(new Unprobed(member, announcement.Node, announcement.Name, Why(announcement, own, subnets.Contains(announcement.Node))));
            int size = announcement.Mtu > 0 ? Math.Min(mtu, announcement.Mtu) : mtu;
            paths.AddRange(possible.Select(endPoint => new ProbeTarget(member, announcement.Node, announcement.Name, endPoint, announcement.Token.Value, Math.Max(size, SmallestMtu))));
        }
        return new ProbeTargets(paths.ToImmutable(), others.ToImmutable());
    }

    /// <returns>End points from which questions are answered: those of peers inside their own subnets.</returns>
    public static IEnumerable<IPEndPoint> Askers(IEnumerable<ProbeProtocol.Announcement> said, ImmutableArray<ReachedSubnet> reached)
    {
        var subnets = reached.ToLookup(subnet => subnet.Node);
        return said.SelectMany(announcement => announcement.EndPoints.Where(endPoint => subnets[announcement.Node].Any(subnet => subnet.Subnet.Contains(endPoint.Address))));
    }

    private static string Why(ProbeProtocol.Announcement said, IReadOnlySet<AddressFamily> own, bool isReached) =>
        said.Reason is { } reason ? reason
        : own.Count == 0 ? "this host cannot ask"
        : !isReached ? "this host has no way to its subnet"
        : "no IP version in which both have an address inside the overlay";
}
