using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>What a host says of a configuration: of what is in place, and of what passes.</summary>
public sealed class NetworkReportingSpecs
{
    private readonly NetworkReporting reporting = new();

    [Fact]
    public void All_in_place_and_every_path_answered_since_is_good()
    {
        Remember(Status(1), Row("h2"), Row("h3"));
        Assert.Equal(NetworkProgress.Behind, Judge(2, Status(1), [Row("h2"), Row("h3")]).Progress);
        Assert.Equal((NetworkProgress.Applying, "tunnels: 1 not in place"), Judge(2, Status(2, "tunnels"), [Row("h2")]));
        Assert.Equal((NetworkProgress.Probing, "no full-size packet has come back yet from h3"), Judge(2, Status(2), [Row("h2"), Row("h3")], "h3"));
        Assert.Equal((NetworkProgress.Good, "all is in place, 2 paths carry packets"), Judge(2, Status(2), [Row("h2"), Row("h3")]));
    }

    [Theory]
    [InlineData(ProbeState.Dead)]
    [InlineData(ProbeState.FullSizeLost)]
    public void A_path_that_carried_packets_before_and_fails_now_is_the_version_s_fault(ProbeState state)
    {
        Remember(Status(1), Row("h2"));
        var (progress, detail) = Judge(2, Status(2), [Row("h2", state)], "h2");
        Assert.Equal(NetworkProgress.Failing, progress);
        Assert.StartsWith("the way to h2 fails: ", detail, StringComparison.Ordinal);
    }

    /// <summary>Right after a start, or where a host has just joined.</summary>
    [Fact]
    public void A_path_of_which_nothing_was_known_must_carry_packets()
    {
        Remember(Status(1), Row("h2", ProbeState.Waiting), Row("h3"));
        Assert.Equal(NetworkProgress.Probing, Judge(2, Status(2), [Row("h2", ProbeState.Waiting), Row("h3")], "h2").Progress);
        Assert.Equal(NetworkProgress.Failing, Judge(2, Status(2), [Row("h2", ProbeState.Dead), Row("h3")], "h2").Progress);
        Assert.Equal(NetworkProgress.Good, Judge(2, Status(2), [Row("h2"), Row("h3")]).Progress);
    }

    [Theory]
    [InlineData(ProbeState.Dead)]
    [InlineData(ProbeState.FullSizeLost)]
    public void A_path_that_did_not_before_is_not(ProbeState before)
    {
        Remember(Status(1), Row("h2", before), Row("h3"));
        Assert.Equal(NetworkProgress.Good, Judge(2, Status(2), [Row("h2", ProbeState.Dead), Row("h3")], "h2").Progress);
    }

    [Fact]
    public void Of_another_version_before_nothing_is_remembered_and_every_failing_path_counts()
    {
        Assert.Equal(NetworkProgress.Failing, Judge(2, Status(2), [Row("h2", ProbeState.Dead)], "h2").Progress);
        Remember(Status(1), Row("h2", ProbeState.Dead));
        Assert.Equal(NetworkProgress.Failing, Judge(3, Status(3), [Row("h2", ProbeState.Dead)], "h2").Progress);
    }

    [Fact]
    public void A_peer_whose_node_is_away_is_nobody_s_fault()
    {
        Remember(Status(1), Row("h2"));
        Assert.Equal(NetworkProgress.Good, Judge(2, Status(2), [Row("h2", ProbeState.Unreachable)], "h2").Progress);
        Assert.Equal(NetworkProgress.Good, Judge(2, Status(2), []).Progress);
    }

    [Fact]
    public void A_peer_to_which_there_is_no_way_any_more_is_waited_for()
    {
        Remember(Status(1), Row("h2"), Unprobed("h3"));
        Assert.Equal((NetworkProgress.Probing, "no full-size packet has come back yet from h2"), Judge(2, Status(2), [Unprobed("h2"), Unprobed("h3")]));
    }

    [Fact]
    public void What_was_amiss_before_may_stay_so_and_what_is_amiss_since_may_not()
    {
        Remember(Status(1, "firewall"), Row("h2"));
        Assert.Equal(NetworkProgress.Good, Judge(2, Status(2, "firewall"), [Row("h2")]).Progress);
        Assert.Equal((NetworkProgress.Applying, "tunnels: 1 not in place"), Judge(2, Status(2, "firewall", "tunnels"), [Row("h2")]));
        // Of no concern here.
        Assert.Equal(NetworkProgress.Good, Judge(2, Status(2, "underlay"), [Row("h2")]).Progress);
    }

    [Fact]
    public void It_is_in_place_since_the_first_look_that_found_all_of_it_and_anew_after_one_that_did_not()
    {
        Assert.Null(reporting.InPlaceSince(2, Status(1), 10));
        Assert.Null(reporting.InPlaceSince(2, Status(2, "routes"), 20));
        Assert.Equal(30, reporting.InPlaceSince(2, Status(2), 30));
        Assert.Equal(30, reporting.InPlaceSince(2, Status(2), 40));
        Assert.Null(reporting.InPlaceSince(2, Status(2, "routes"), 50));
        Assert.Equal(60, reporting.InPlaceSince(2, Status(2), 60));
        Assert.Equal(70, reporting.InPlaceSince(3, Status(3), 70));
    }

    private void Remember(HostStatus status, params ProbeRow[] rows) => reporting.Remember(status, Table(rows));

    private (NetworkProgress Progress, string Detail) Judge(long version, HostStatus status, ProbeRow[] rows, params string[] silent)
    {
        bool inPlace = reporting.InPlaceSince(version, status, 1) is not null;
        return reporting.Judge(version, status, Table(rows), inPlace ? new ProbeProtocol.AllAnswered(silent.Length == 0, rows.Length, [.. rows.Where(row => silent.Contains(row.Name))], []) : null);
    }

    internal static ProbeTable Table(params ProbeRow[] rows) => new(true, [], null, 1450, default, [.. rows]);

    internal static ProbeRow Row(string name, ProbeState state = ProbeState.Ok) =>
        new($"member-{name}", Samples.Node(1), name, IPAddress.Parse($"10.244.{name[1..]}.0"), state, 1450, null, null, null, default, default, null, null, null, null);

    private static ProbeRow Unprobed(string name) => Row(name, ProbeState.NotProbed) with { Address = null };

    internal static HostStatus Status(long version, params string[] amiss)
    {
        string[] names = ["lease", "ledger", "tunnels", "routes", "subnet file", "underlay", "firewall"];
        return new HostStatus(
            Samples.Node(1), "h1", amiss.Length == 0, [.. names.Select(name => new Component(name, !amiss.Contains(name), "1 not in place"))],
            Samples.Lease(1), new NetworkVersion(version, Samples.IPv4Network), HostPlan.Nothing, new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), 0);
    }
}
