using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Wire;
using static AkkaOverlay.Actors.Tests.Extension.ExtensionSamples;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>Wanted against carried out: which commands are due.</summary>
public sealed class ExtensionPlanSpecs
{
    [Fact]
    public void Pre_comes_first_then_Post_then_every_peer_with_exact_parameters()
    {
        var record = ExtensionRecord.Empty;
        var goal = Goal(Peer(2, "data of 2"), Peer(3));
        Assert.Equal(["pre 10.244.0.0/16"], Lines(goal, record));
        Assert.Equal(["post 10.244.1.0/24"], Lines(goal, record = Take(goal, record)));
        Assert.Equal(["add 10.244.2.0/24 192.168.7.2", "add 10.244.3.0/24 192.168.7.3"], Lines(goal, record = Take(goal, record)));
        Assert.False(ExtensionPlan.IsInPlace(goal, record));
        Assert.Empty(Lines(goal, record = Take(goal, record)));
        Assert.True(ExtensionPlan.IsInPlace(goal, record));
    }

    [Fact]
    public void A_peers_text_is_on_standard_input_and_nowhere_else()
    {
        const string hostile = "$(reboot); `x` $SUBNET ' \" \\ | &";
        var add = Goal(Peer(2, hostile)).Peers[Samples.Node(2)].Add!;
        Assert.Equal(hostile + "\n", add.Input);
        Assert.Equal(["add", "10.244.2.0/24", "192.168.7.2"], add.Arguments);
        Assert.DoesNotContain(add.Environment, value => value.Value.Contains("reboot", StringComparison.Ordinal));
        Assert.Equal("NETWORK=10.244.0.0/16 IPV6NETWORK= SUBNET=10.244.2.0/24 IPV6SUBNET= PUBLIC_IP=192.168.7.2 PUBLIC_IPV6=", string.Join(' ', add.Environment.Select(value => $"{value.Name}={value.Value}")));
    }

    [Fact]
    public void Both_families_have_their_values()
    {
        var network = Configured(""" "SubnetAddCommand":["add","$IPV6SUBNET","x$PUBLIC_IPV6:1","$OTHER","$$"] """, dual: true);
        var goal = Goal(network, Samples.DualLease(2, new ExtensionOffer("")));
        Assert.Equal(["add", "fd42:0:0:2::/64", "xfd07::2:1", "$OTHER", "$$"], goal.Peers[Samples.Node(2)].Add!.Arguments);
    }

    [Fact]
    public void A_peer_without_such_an_offer_is_nobody()
    {
        Assert.Empty(Goal(Samples.Lease(2)).Peers);
    }

    [Fact]
    public void A_peer_that_left_is_removed_on_a_whole_view_only()
    {
        var record = Settled(Goal(Peer(2), Peer(3)));
        Assert.Empty(ExtensionPlan.Due(Goal(Peer(3)), mayRemove: false, record));
        var step = Assert.IsType<ExtensionStep.Remove>(Assert.Single(ExtensionPlan.Due(Goal(Peer(3)), mayRemove: true, record)));
        Assert.True(step.Patient);
        Assert.Equal(["remove", "10.244.2.0/24"], step.Command!.Arguments);
    }

    [Fact]
    public void A_changed_peer_is_removed_with_its_former_parameters_and_added_with_the_new_ones()
    {
        var record = Settled(Goal(Peer(2, "old")));
        var goal = Goal(Peer(2, "new"));
        Assert.Empty(ExtensionPlan.Due(goal, mayRemove: false, record));
        var remove = Assert.IsType<ExtensionStep.Remove>(Assert.Single(ExtensionPlan.Due(goal, mayRemove: true, record)));
        Assert.Equal("old\n", remove.Command!.Input);
        record = record.Succeeded(remove, "");
        Assert.Equal("new\n", Assert.IsType<ExtensionStep.Add>(Assert.Single(ExtensionPlan.Due(goal, mayRemove: true, record))).Command!.Input);
    }

    [Fact]
    public void A_subnet_that_has_another_owner_now_is_undone_before_it_is_added_again()
    {
        var record = Settled(Goal(Peer(2)));
        var goal = Goal(Peer(3) with { Subnets = Peer(2).Subnets });
        var remove = Assert.IsType<ExtensionStep.Remove>(Assert.Single(ExtensionPlan.Due(goal, mayRemove: true, record)));
        Assert.False(remove.Patient, "the new owner must not wait for ever");
        Assert.IsType<ExtensionStep.Add>(Assert.Single(ExtensionPlan.Due(goal, mayRemove: true, record.Succeeded(remove, ""))));
    }

    [Fact]
    public void What_had_begun_is_begun_again_and_undone_when_nobody_wants_it()
    {
        var record = Settled(Goal());
        var add = Assert.Single(ExtensionPlan.Due(Goal(Peer(2)), mayRemove: true, record));
        record = record.Began(add);
        Assert.Equal(add, Assert.Single(ExtensionPlan.Due(Goal(Peer(2)), mayRemove: true, record)));
        Assert.False(Assert.IsType<ExtensionStep.Remove>(Assert.Single(ExtensionPlan.Due(Goal(), mayRemove: true, record))).Patient);
    }

    [Fact]
    public void A_lease_that_is_given_back_undoes_every_peer_and_then_the_host()
    {
        var record = Settled(Goal(Peer(2), Peer(3)));
        Assert.Empty(ExtensionPlan.Due(null, mayRemove: false, record));
        Assert.Equal(["remove 10.244.2.0/24", "remove 10.244.3.0/24"], Lines(null, record));
        record = Take(null, record);
        Assert.Equal(["down"], Lines(null, record));
        Assert.True(ExtensionPlan.IsInPlace(null, Take(null, record)));
    }

    [Fact]
    public void Another_subnet_of_this_host_runs_Post_again_and_then_every_Add()
    {
        var record = Settled(Goal(Peer(2)));
        var host = new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), Configured());
        var goal = ExtensionGoal.Of(host, Samples.Lease(1) with { Subnets = Samples.Lease(9).Subnets }, [Peer(2)]);
        Assert.Equal(["post 10.244.9.0/24"], Lines(goal, record));
        Assert.Equal(["add 10.244.2.0/24 192.168.7.2"], Lines(goal, Take(goal, record)));
    }

    [Fact]
    public void Pre_that_must_run_again_takes_Post_and_every_peer_with_it()
    {
        var record = Settled(Goal(Peer(2)));
        var goal = Moved(Peer(2));
        var pre = Assert.IsType<ExtensionStep.Pre>(Assert.Single(ExtensionPlan.Due(goal, mayRemove: true, record)));
        Assert.Equal(["pre 10.244.0.0/16"], Lines(Goal(Peer(2)), record.Began(pre)));
        record = Take(goal, record);
        Assert.Equal(["post 10.244.1.0/24"], Lines(goal, record));
        Assert.False(ExtensionPlan.IsInPlace(goal, record));
        record = Take(goal, record);
        Assert.Equal(["add 10.244.2.0/24 192.168.7.2"], Lines(goal, record));
        Assert.True(Assert.IsType<ExtensionStep.Remove>(Assert.Single(ExtensionPlan.Due(Moved(), mayRemove: true, record))).Patient);
        Assert.True(ExtensionPlan.IsInPlace(goal, Take(goal, record)));
    }

    [Fact]
    public void What_makes_the_device_waits_for_an_Add_that_runs_on_the_former_one()
    {
        var add = ExtensionPlan.Due(Goal(Peer(2)), mayRemove: true, Settled(Goal())).Single();
        var pre = ExtensionPlan.Due(Moved(Peer(2)), mayRemove: true, Settled(Goal())).Single();
        Assert.False(ExtensionPlan.MayStart(pre, [add]));
        Assert.True(ExtensionPlan.MayStart(pre, []));
        Assert.False(ExtensionPlan.MayStart(add, [new ExtensionStep.Shutdown(null)]));
    }

    [Fact]
    public void The_record_survives_its_file_and_counts_in_its_own_boot_only()
    {
        var record = Settled(Goal(Peer(2, "zwei \u001b"), Peer(3)));
        string text = ExtensionFile.Format(record, "boot", "here");
        var read = ExtensionFile.Read(text, "boot", "here");
        Assert.Equal(record with { Peers = read.Peers }, read);
        Assert.Equal(record.Peers.OrderBy(peer => peer.Key.Value), read.Peers.OrderBy(peer => peer.Key.Value));
        Assert.True(ExtensionFile.Read(text, "another boot", "here").IsEmpty);
        Assert.Throws<InvalidDataException>(() => ExtensionFile.Read("{\"BootId\":\"boot\"}", "boot", "here"));
        Assert.Throws<InvalidDataException>(() => ExtensionFile.Read("", "boot", "here"));
        Assert.Contains("another network namespace", Assert.Throws<InvalidDataException>(() => ExtensionFile.Read(text, "boot", "there")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_offers_itself_once_its_data_are_known()
    {
        var backEnd = new ExtensionBackEnd();
        var host = new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), Configured());
        Assert.Null(backEnd.MakeOffer(host));
        Assert.Null(backEnd.MakeOffer(host with { Published = new PublishedData(new ExtensionCommand(["other"]), "x") }));
        Assert.Equal(new ExtensionOffer("x"), backEnd.MakeOffer(host with { Published = new PublishedData(new ExtensionCommand(["pre", "$NETWORK"]), "x") }));
        Assert.Equal(new ExtensionOffer(""), backEnd.MakeOffer(host with { Network = Configured("\"SubnetAddCommand\":[\"x\"]") }));
    }

    [Fact]
    public void Data_longer_than_a_lease_carries_are_no_offer()
    {
        var offer = new ExtensionOffer(new string('x', ExtensionOffer.MaxData)).ToProto();
        Assert.NotNull(offer.ToDomain());
        offer.Extension.Data += "x";
        Assert.Null(offer.ToDomain());
        offer.Extension.Data = new string('ä', (ExtensionOffer.MaxData / 2) + 1);
        Assert.Null(offer.ToDomain());
    }

    /// <summary>This host has another underlay address.</summary>
    private static ExtensionGoal Moved(params Lease[] peers) =>
        ExtensionGoal.Of(new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(9), Samples.Public(9)), Configured()), Samples.Lease(1), peers)!;

    private static ExtensionRecord Settled(ExtensionGoal goal)
    {
        var record = ExtensionRecord.Empty with { Shutdown = goal.Shutdown };
        for (int round = 0; round < 3; round++)
            record = Take(goal, record);
        Assert.Empty(ExtensionPlan.Due(goal, mayRemove: true, record));
        return record;
    }

    private static ExtensionRecord Take(ExtensionGoal? goal, ExtensionRecord record) =>
        ExtensionPlan.Due(goal, mayRemove: true, record).Aggregate(record, (now, step) => now.Began(step).Succeeded(step, "printed"));

    private static IEnumerable<string> Lines(ExtensionGoal? goal, ExtensionRecord record) =>
        ExtensionPlan.Due(goal, mayRemove: true, record).Select(step => string.Join(' ', step.Command!.Arguments)).Order(StringComparer.Ordinal);
}
