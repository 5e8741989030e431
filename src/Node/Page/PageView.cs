using System.Text.Json;
using System.Text.Json.Serialization;

namespace AkkaOverlay.Node.Page;

// What GET /page/view answers: one picture of the whole overlay as this node sees it. Its reader is the page beside it and nobody else: it may change with any release.

/// <param name="Ways">Row and column are places in <paramref name="Hosts"/>.</param>
/// <param name="Events">The newest first.</param>
internal sealed record PageView(
    PageSelf Self,
    PageNetwork? Network,
    PageCluster Cluster,
    IReadOnlyList<PageHost> Hosts,
    IReadOnlyList<PagePool> Pools,
    PageWays Ways,
    IReadOnlyList<PageEvent> Events);

/// <param name="Network">The network's name; null for the default one.</param>
internal sealed record PageSelf(string Node, string Name, string Version, string? Network);

/// <param name="Revision">Of the ledger as this host has it.</param>
/// <param name="Live">False where the ledger has not been heard in this run.</param>
/// <param name="HeardSeconds">How long ago the allocator last said something to this host.</param>
internal sealed record PageNetwork(IReadOnlyList<string> Networks, string BackEnd, int Mtu, long Version, long Revision, bool Live, double? HeardSeconds);

/// <param name="State">This node's membership; "none" where it has no cluster.</param>
/// <param name="Seats">Core hosts in the seed list.</param>
/// <param name="CoreReached">Core members that this node reaches, itself counted.</param>
/// <param name="Allocator">The host of the allocator's singleton: place in the list of hosts; -1 where nobody knows.</param>
/// <param name="AllocatorAnswers">Null where it was not asked yet.</param>
internal sealed record PageCluster(string State, string? WaitsFor, int Seats, int CoreReached, int Allocator, bool? AllocatorAnswers);

/// <param name="Id">The node id, or the address where that is not known.</param>
/// <param name="State">See <see cref="HostState"/>.</param>
/// <param name="Address">Of the member; null for a host that is none.</param>
/// <param name="Member">Akka's word for its membership.</param>
/// <param name="AgeSeconds">Of what the host says of itself: everything from <paramref name="Version"/> on.</param>
internal sealed record PageHost(
    string Id,
    string Name,
    string State,
    IReadOnlyList<string> Subnets,
    IReadOnlyList<string> PublicIps,
    IReadOnlyList<string> BackEnds,
    string? Address,
    string? Member,
    IReadOnlyList<string> Roles,
    bool Core,
    bool Self,
    double? LastSeenSeconds,
    double? AgeSeconds,
    string? Version,
    double? UpSeconds,
    string? Problem,
    PageTraffic? Traffic);

/// <param name="Clock">Milliseconds of the host's own clock at which the counters were read.</param>
internal sealed record PageTraffic(string Device, long Clock, long ReceivedBytes, long ReceivedPackets, long SentBytes, long SentPackets);

/// <param name="Count">Subnets of the pool; one of IPv6 can have more than a double counts exactly.</param>
/// <param name="Taken">Every subnet that is not free.</param>
internal sealed record PagePool(
    string Family, string Network, string First, string Last, int Length, double Count, int Leased, int Reserved, int Quarantined, double Free, IReadOnlyList<PageSubnet> Taken);

/// <param name="Index">Place in the pool, from 0.</param>
/// <param name="State">"held", "reserved" or "quarantined".</param>
/// <param name="Host">Place in the list of hosts; -1 for none of them.</param>
/// <param name="Name">Of whom it is, was, or is kept for.</param>
internal sealed record PageSubnet(double Index, string Subnet, string State, int Host, string Name, double? LeftSeconds);

/// <param name="States">A row for each host, a letter for each other one (<see cref="PageWayLetters"/>).</param>
/// <param name="RoundTrips">Microseconds, 0 where nothing is known; a row without any is empty.</param>
internal sealed record PageWays(IReadOnlyList<string> States, IReadOnlyList<IReadOnlyList<int>> RoundTrips);

internal sealed record PageEvent(string Key, double AgeSeconds, string Kind, string Weight, string Host, string Text);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PageView))]
internal sealed partial class PageJson : JsonSerializerContext;
