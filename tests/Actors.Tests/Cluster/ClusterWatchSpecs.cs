using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Tests.Cluster;

public class ClusterWatchSpecs
{
    [Fact]
    public void A_plain_host_that_is_known_stays()
    {
        var (watch, leave) = Plain(core: 3).Heard(Answer(knows: true), ofMine: true, At(60));
        Assert.Null(leave);
        Assert.False(watch.InDoubt(At(67)));
        Assert.True(watch.InDoubt(At(68)));
    }

    [Theory]
    [InlineData(3, true, 4.9, false)]
    [InlineData(3, true, 5, true)]
    [InlineData(3, false, 14.9, false)]
    [InlineData(3, false, 15, true)]
    [InlineData(0, false, 2.9, false)]
    [InlineData(0, false, 3, true)]
    public void A_plain_host_leaves_after_silence_when_a_seed_denies_it(int core, bool ofMine, double silence, bool leaves) =>
        Assert.Equal(leaves, Plain(core).Heard(Answer(knows: false), ofMine, At(silence)).Leave is not null);

    [Fact]
    public void A_seed_that_is_in_no_cluster_says_nothing() =>
        Assert.Null(Plain(core: 0).Heard(Answer(knows: false) with { Up = false }, ofMine: false, At(600)).Leave);

    [Fact]
    public void A_core_host_leaves_an_island_for_a_cluster_with_more_of_the_core()
    {
        var island = Core("b", core: 1);
        Assert.Null(island.Heard(Answer(knows: false, core: 2), ofMine: false, At(29)).Leave);
        Assert.NotNull(island.Heard(Answer(knows: false, core: 2), ofMine: false, At(30)).Leave);
        Assert.Null(island.Counted(2, At(29)).Counted(1, At(29)).Heard(Answer(knows: false, core: 2), ofMine: false, At(30)).Leave);
        Assert.Null(Core("b", core: 2).Heard(Answer(knows: false, core: 3), ofMine: false, At(600)).Leave);
    }

    [Fact]
    public void Of_two_islands_alike_the_higher_address_goes()
    {
        Assert.NotNull(Core("b", core: 1).Heard(Answer(knows: false, core: 1), ofMine: false, At(30)).Leave);
        Assert.Null((Core("0", core: 1)).Heard(Answer(knows: false, core: 1), ofMine: false, At(30)).Leave);
    }

    [Fact]
    public void A_core_host_that_its_own_cluster_denies_leaves_after_a_while()
    {
        var (watch, leave) = Core("b", core: 3).Heard(Answer(knows: false, core: 2), ofMine: true, At(20));
        Assert.Null(leave);
        Assert.Null(watch.Heard(Answer(knows: true, core: 2), ofMine: true, At(25)).Next.Heard(Answer(knows: false, core: 2), ofMine: true, At(30)).Leave);
        Assert.NotNull(watch.Heard(Answer(knows: false, core: 2), ofMine: true, At(30)).Leave);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static ClusterWatch Plain(int core) => ClusterWatch.Begin(isCore: false, 2, "p", At(0)).Counted(core, At(0));

    private static ClusterWatch Core(string self, int core) => ClusterWatch.Begin(isCore: true, 2, self, At(0)).Counted(core, At(0));

    private static NodeProtocol.IAm Answer(bool knows, int core = 3) => new("a", 1, true, knows, core);
}
