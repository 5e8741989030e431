using System.Collections.Immutable;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>Who probes whom, whatever the number of members.</summary>
public sealed class ProbeRingSpecs
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(21)]
    public void In_a_small_cluster_everybody_probes_everybody(int count)
    {
        var members = Members(count);
        Assert.All(members, self => Assert.Equal(members.Where(member => member != self).Order(StringComparer.Ordinal), ProbeRing.Choose(self, members).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(100)]
    [InlineData(1000)]
    public void In_a_large_one_each_probes_twenty_and_is_probed_by_twenty(int count)
    {
        var chosen = All(Members(count));
        Assert.All(chosen, pair => Assert.Equal(ProbeRing.Most, pair.Value.Distinct().Count()));
        Assert.All(chosen, pair => Assert.DoesNotContain(pair.Key, pair.Value));
        // Both ends of a pair send, so that stateful filters on either side let the other's questions in.
        Assert.All(chosen, pair => Assert.All(pair.Value, peer => Assert.Contains(pair.Key, chosen[peer])));
    }

    [Fact]
    public void One_that_comes_or_goes_changes_one_peer_of_twenty_hosts()
    {
        var members = Members(200);
        var before = All(members[..199]);
        var after = All(members);
        var changed = before.Keys.Where(member => !before[member].ToHashSet().SetEquals(after[member])).ToList();
        Assert.Equal(ProbeRing.Most, changed.Count);
        Assert.All(changed, member => Assert.Equal(ProbeRing.Most - 1, before[member].Intersect(after[member]).Count()));
    }

    [Fact]
    public void The_choice_does_not_hang_on_the_order_in_which_members_are_known()
    {
        var members = Members(100);
        Assert.Equal<IEnumerable<string>>(ProbeRing.Choose(members[7], members), ProbeRing.Choose(members[7], members.Reverse()));
    }

    [Fact]
    public void A_host_that_is_no_member_yet_has_peers_too() => Assert.Equal(ProbeRing.Most, ProbeRing.Choose("akka.tcp://overlay@10.9.9.9:4053", Members(50)).Length);

    private static Dictionary<string, ImmutableArray<string>> All(ImmutableArray<string> members) => members.ToDictionary(self => self, self => ProbeRing.Choose(self, members));

    private static ImmutableArray<string> Members(int count) => [.. Enumerable.Range(0, count).Select(i => $"akka.tcp://overlay@192.168.{i / 250}.{(i % 250) + 1}:4053")];
}
