using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Node.Tests.Chaos;

/// <summary>Violations that are planted into a history which has none: the checker must see each.</summary>
internal static class PlantedViolation
{
    /// <summary>Name, the rule that must notice, and what is done to the history.</summary>
    public static readonly IReadOnlyList<(string Name, string Rule, Func<List<Observation>, IEnumerable<Observation>> Plant)> All =
    [
        ("a subnet with two owners in the ledger", "one owner", history => WithLastView(history, view => view with { Leases = [view.Leases[0], view.Leases[1] with { Subnet = view.Leases[0].Subnet }, .. view.Leases.Skip(2)] })),
        ("a subnet inside another", "one owner", history => WithLastView(history, view => view with { Leases = [.. view.Leases, new LeaseSeen("somebody", Wider(view.Leases[0].Subnet), 1, null)] })),
        ("a host with two leases", "one owner", history => WithLastView(history, view => view with { Leases = [.. view.Leases, view.Leases[0] with { Subnet = "10.244.250.0/24" }] })),
        ("a lease that is gone", "nothing lost", history => WithLastView(history, view => view with { Leases = [.. view.Leases.Where(lease => lease.Node != NodeOf(history, "h1"))] })),
        ("a grant that nobody kept", "nothing lost", history => history.Append(new Granted(1, "h9", "somebody", "10.244.250.0/24", 1, 1))),
        ("releases that nobody asked for", "nothing lost", history => history.Where(seen => seen is not ReleaseAsked)),
        ("two ledgers of one revision", "one ledger", history => WithLastView(history, view => view with { Leases = [view.Leases[0] with { PublicIp = "192.168.77.99" }, .. view.Leases.Skip(1)] })),
        ("one generation for two leases", "one ledger", history => history.Append(Steady(history, "h1") with { Host = "h9", Node = "somebody", Subnet = "10.244.250.0/24" })),
        ("an older ledger again", "no way back", history => history.Append(LaterOf(history.OfType<LedgerSays>().Last(view => view.Live), view => view with { Revision = view.Revision - 1 }))),
        ("two hosts with one subnet", "no overlap", history => history.Append(Steady(history, "h1") with { Host = "h9", Node = "somebody", Generation = 999 })),
        ("two files with one subnet", "no overlap", history => history.Append(history.OfType<FileSays>().Last(file => file.Host == "h1" && file.Subnet is not null) with { Host = "h9" })),
        ("another subnet after a restart", "same subnet", history => history.Append(LaterOf(Steady(history, "h2"), said => said with { Subnet = "10.244.250.0/24" }))),
        ("another generation without a release", "same subnet", history => history.Append(LaterOf(Steady(history, "h2"), said => said with { Generation = 999 }))),
        ("an earlier generation", "same subnet", history => history.Append(LaterOf(Steady(history, "h2"), said => said with { Generation = said.Generation - 1 }))),
        ("a forgotten lease", "same subnet", history => history.Append(LaterOf(Steady(history, "h2"), said => said with { Subnet = null, Generation = 0 }))),
        ("a new identity without a release", "same subnet", history => history.Append(LaterOf(Steady(history, "h2"), said => said with { Node = "somebody" }))),
        ("another subnet in subnet.env", "same subnet", history => history.Append(LaterOf(history.OfType<FileSays>().Last(file => file.Host == "h2"), file => file with { Subnet = "10.244.250.1/24" }))),
        ("a subnet.env that is gone", "same subnet", history => history.Append(LaterOf(history.OfType<FileSays>().Last(file => file.Host == "h2"), file => file with { Subnet = null }))),
        ("a route that is gone", "routes stay", history => history.Append(LaterOf(Kernel(history), sight => sight with { Routes = [.. sight.Routes.Where(route => route != Steady(history, "h2").Subnet)] }))),
        ("a route to nobody", "routes stay", history => history.Append(LaterOf(Kernel(history), sight => sight with { Routes = [.. sight.Routes, "10.244.250.0/24"] }))),
        ("a route to its own subnet", "routes stay", history => history.Append(LaterOf(Kernel(history), sight => sight with { Routes = [.. sight.Routes, Steady(history, "h1").Subnet!] }))),
        ("a lost ping", "nothing lost on the way", history => WithEach<PingsDone>(history, pings => pings is { From: "h1", To: "h2" } ? pings with { LostAt = [3.5] } : pings)),
        ("a process that does not end", "ends in time", history => history.Append(new HostEnded(9, "h1", 30, null))),
        ("a process that takes long to end", "ends in time", history => history.Append(new HostEnded(9, "h1", 12.5, 0))),
        ("a process that is ended by its own deadline", "ends in time", history => history.Append(new EndForced(9, "h1"))),
        ("a host that gives up leaving at once", "ends in time", history => history.Append(new HostCouldNotLeave(9, "h1", 3, 3))),
        ("a host that dies while it leaves", "ends in time", history => history.Append(new HostCouldNotLeave(40, "h1", 31, 134))),
        ("a host that hears the ledger go on and cannot leave", "leaves", history => history.Append(new HostCouldNotLeave(61, "h4", 30.4, 3))),
        ("a host that cannot leave while the ledger goes on for others", "leaves", history => WithSign(history, 44).Where(seen => seen is not Acted { Kind: "CutOneWay" or "Flap" }).Append(new HostCouldNotLeave(60, "h9", 30.4, 3))),
        ("releases that have no effect", "leaves", history => history.Where(seen => seen is not ReleaseAsked).Concat(new[] { "h1", "h2", "h3" }.Select(host => new ReleaseAsked(90, host, NodeOf(history, host), Steady(history, host).Generation)))),
        ("a lease of a host that has left", "gone is gone", history => history.Append(new HostLeft(31.5, "h4", NodeOf(history, "h4")))),
        ("a lease of nobody in the end", "gone is gone", history => WithEach<Settled>(history, end => end with { Hosts = [.. end.Hosts.Select(WithGhost)] })),
        ("a process that ends by itself", "stays up", history => history.Append(new HostDied(9, "h1", 134))),
        ("a host that is not ready in the end", "heals", history => WithEnd(history, end => end with { Ready = false })),
        ("two clusters in the end", "heals", history => WithEnd(history, end => end with { Members = [end.Members[0]] })),
        ("another incarnation in one host's eyes", "heals", history => WithEnd(history, end => end with { Members = [.. end.Members.Skip(1), "akka.tcp://overlay@192.168.77.1:4053#1 Up"] })),
        ("a host behind the others in the end", "heals", history => WithEnd(history, end => end with { Revision = end.Revision - 1 })),
        ("a stale route in the end", "heals", history => WithEnd(history, end => end with { Routes = [.. end.Routes, "10.244.250.0/24"] })),
        ("a healing that takes too long", "heals", history => WithEach<Settled>(history, end => end with { At = end.At + 100 })),
        ("an end that nobody looked at", "heals", history => history.Where(seen => seen is not Settled)),
        ("no grant at all", "seen at all", history => history.Where(seen => seen is not Granted)),
        ("no ping at all", "seen at all", history => history.Where(seen => seen is not PingsDone)),
        ("a host that was never looked at", "seen at all", history => history.Where(seen => seen is not KernelHolds { Host: "h3" })),
    ];

    private static HostSays Steady(List<Observation> history, string host) => history.OfType<HostSays>().Last(said => said.Host == host && said.Subnet is not null);

    /// <summary>One more host, which hears the allocator for the first time then.</summary>
    private static IEnumerable<Observation> WithSign(List<Observation> history, double at)
    {
        var view = history.OfType<LedgerSays>().Last(view => view.Live && view.When.From < at) with { Host = "h10", Run = 1 };
        return [.. history, view with { Live = false, When = Span.Of(at - 0.3, at - 0.2) }, view with { When = Span.Of(at - 0.1, at) }];
    }

    private static EndState WithGhost(EndState host) => host with
    {
        Leases = [.. host.Leases, new LeaseSeen("somebody", "10.244.250.0/24", 3, "192.168.77.9")],
        Routes = [.. host.Routes.Append("10.244.250.0/24").Order(StringComparer.Ordinal)],
    };

    private static string NodeOf(List<Observation> history, string host) => Steady(history, host).Node;

    private static KernelHolds Kernel(List<Observation> history) => history.OfType<KernelHolds>().Last(sight => sight.Host == "h1");

    private static string Wider(string subnet) => $"{subnet.Split('/')[0]}/20";

    private static T LaterOf<T>(T sight, Func<T, T> change) where T : Sight =>
        change(sight with { When = new Span(sight.When.Heard + 0.1, sight.When.Heard + 0.2, sight.When.Heard + 0.3, sight.When.Heard + 0.4) });

    /// <summary>The last live view of the last revision: there are others of the same one.</summary>
    private static IEnumerable<Observation> WithLastView(List<Observation> history, Func<LedgerSays, LedgerSays> change)
    {
        long last = history.OfType<LedgerSays>().Max(view => view.Revision);
        var chosen = history.OfType<LedgerSays>().Last(view => view.Revision == last);
        return history.Select(seen => ReferenceEquals(seen, chosen) ? change(chosen) : seen);
    }

    private static IEnumerable<Observation> WithEnd(List<Observation> history, Func<EndState, EndState> change) =>
        WithEach<Settled>(history, end => end with { Hosts = [change(end.Hosts[0]), .. end.Hosts.Skip(1)] });

    private static IEnumerable<Observation> WithEach<T>(List<Observation> history, Func<T, T> change) where T : Observation =>
        history.Select(seen => seen is T typed ? change(typed) : seen);
}
