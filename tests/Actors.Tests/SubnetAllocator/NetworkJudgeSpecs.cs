using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>Kept or taken back, by what the hosts say.</summary>
public sealed class NetworkJudgeSpecs
{
    private static readonly ImmutableDictionary<NodeId, Lease> Leases = Enumerable.Range(1, 3).Select(n => Samples.Lease(n)).ToImmutableDictionary(lease => lease.Owner);

    private readonly NetworkJudge judge = Judge(1, 2);

    [Fact]
    public void It_is_kept_as_soon_as_everybody_who_has_to_is_content()
    {
        Say(1, NetworkProgress.Good);
        Assert.Equal(NetworkVerdict.Wait, At(3));
        Say(2, NetworkProgress.Probing);
        Assert.Equal(NetworkVerdict.Wait, At(4));
        Say(2, NetworkProgress.Good);
        Assert.Equal(new NetworkVerdict(true, null), At(5));
        Assert.Equal(2, judge.Applied);
        Assert.Equal(["host3 does not answer"], judge.Waiting(Leases));
    }

    [Theory]
    [InlineData(NetworkProgress.Failing, 1, "host2: why")]
    [InlineData(NetworkProgress.Applying, 10, "host2: why")]
    [InlineData(NetworkProgress.Applying, 9, null)]
    [InlineData(NetworkProgress.Probing, 19, null)]
    [InlineData(NetworkProgress.Probing, 20, "it could not be confirmed within 20 s: host2: why")]
    [InlineData(NetworkProgress.Behind, 19, null)]
    [InlineData(NetworkProgress.Behind, 20, "it could not be confirmed within 20 s: host2 has an earlier version still")]
    public void One_that_is_not_is_enough_to_take_it_back(NetworkProgress progress, int seconds, string? reason)
    {
        Say(1, NetworkProgress.Good);
        Say(2, progress);
        Assert.Equal(new NetworkVerdict(false, reason), At(seconds));
    }

    [Fact]
    public void Who_was_there_before_and_is_silent_has_not_agreed()
    {
        Say(1, NetworkProgress.Good);
        Assert.Equal(NetworkVerdict.Wait, At(19));
        Assert.Equal("it could not be confirmed within 20 s: host2 does not answer", At(20).TakeBack);
    }

    [Fact]
    public void Who_was_not_there_need_not_agree_until_it_is_heard_and_whose_lease_is_over_not_any_more()
    {
        Say(1, NetworkProgress.Good);
        Say(2, NetworkProgress.Good);
        Say(3, NetworkProgress.Probing);
        Assert.Equal(NetworkVerdict.Wait, At(5));
        Assert.True(judge.Look(TimeSpan.FromSeconds(5), Leases.Remove(Samples.Node(3))).Keep);
    }

    [Fact]
    public void Content_and_then_not_is_not_content()
    {
        Say(1, NetworkProgress.Good);
        Say(1, NetworkProgress.Failing);
        Assert.Equal("host1: why", At(2).TakeBack);
    }

    [Fact]
    public void What_is_said_of_another_version_or_by_a_newer_release_does_not_count()
    {
        judge.Take(new LeaseProtocol.NetworkReport(Samples.Node(1), 6, NetworkProgress.Failing, ""));
        judge.Take(new LeaseProtocol.NetworkReport(Samples.Node(1), 7, NetworkProgress.Unknown, ""));
        Assert.Equal(NetworkVerdict.Wait, At(2));
    }

    [Fact]
    public void An_allocator_that_found_a_trial_waits_until_it_can_have_heard_everybody()
    {
        var found = new NetworkJudge(7, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(100), null);
        found.Take(new LeaseProtocol.NetworkReport(Samples.Node(1), 7, NetworkProgress.Good, ""));
        Assert.Equal(NetworkVerdict.Wait, found.Look(TimeSpan.FromSeconds(107), Leases));
        Assert.True(found.Look(TimeSpan.FromSeconds(108), Leases).Keep);
        found.Take(new LeaseProtocol.NetworkReport(Samples.Node(2), 7, NetworkProgress.Failing, "why"));
        Assert.Equal("host2: why", found.Look(TimeSpan.FromSeconds(102), Leases).TakeBack);
    }

    [Fact]
    public void Without_a_host_there_is_nobody_to_disagree() => Assert.True(Judge().Look(TimeSpan.Zero, Leases).Keep);

    [Fact]
    public void Of_many_that_wait_some_are_named()
    {
        var many = Enumerable.Range(1, 200).Select(n => Samples.Lease(n)).ToImmutableDictionary(lease => lease.Owner);
        Assert.Equal(NetworkJudge.MostNamed + 1, judge.Waiting(many).Count);
        Assert.Equal("and 180 more", judge.Waiting(many)[^1]);
    }

    private static NetworkJudge Judge(params int[] expected) => new(7, TimeSpan.FromSeconds(20), TimeSpan.Zero, [.. expected.Select(Samples.Node)]);

    private void Say(int node, NetworkProgress progress) => judge.Take(new LeaseProtocol.NetworkReport(Samples.Node(node), 7, progress, "why"));

    private NetworkVerdict At(int seconds) => judge.Look(TimeSpan.FromSeconds(seconds), Leases);
}
