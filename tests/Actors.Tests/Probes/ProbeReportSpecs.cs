using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>The data plane's word, weighed with the control plane's; and what the log says of it.</summary>
public sealed class ProbeReportSpecs
{
    private static readonly TimeSpan Broken = TimeSpan.FromSeconds(200);

    [Fact]
    public void A_dead_path_fails_where_the_peer_has_spoken_since_and_is_unreachable_where_it_has_not()
    {
        var (path, now) = Dead();
        Assert.Equal(ProbeState.Dead, ProbeReport.StateOf(path, new ProbeWord(true, path.TroubleSince), now));
        Assert.Equal(ProbeState.Unreachable, ProbeReport.StateOf(path, new ProbeWord(true, path.TroubleSince - TimeSpan.FromMilliseconds(1)), now));
        Assert.Equal(ProbeState.Unreachable, ProbeReport.StateOf(path, new ProbeWord(true, TimeSpan.MinValue), now));
        Assert.Equal(ProbeState.Unreachable, ProbeReport.StateOf(path, new ProbeWord(false, now), now));
        Assert.Equal(ProbeState.Unreachable, ProbeReport.StateOf(path, new ProbeWord(true, now - ProbeTimes.Word - TimeSpan.FromSeconds(1)), now));
    }

    [Fact]
    public void The_control_plane_is_asked_when_packets_are_lost_and_not_otherwise()
    {
        var (path, now) = Dead();
        Assert.True(ProbeReport.WantsWord(path, new ProbeWord(true, path.TroubleSince - TimeSpan.FromSeconds(1)), now));
        Assert.False(ProbeReport.WantsWord(path, new ProbeWord(true, now), now));
        var well = new SimulatedPaths(1, (_, _, _) => true).Begin().Run(30);
        Assert.False(ProbeReport.WantsWord(well[1], new ProbeWord(true, TimeSpan.MinValue), well.Now));
    }

    [Fact]
    public void All_have_answered_since_a_moment_only_where_the_full_size_was_sent_after_it()
    {
        var paths = new SimulatedPaths(1, (_, _, _) => true).Begin().Run(60);
        Assert.True(ProbeReport.HasAnswered(paths[1], paths.Now - TimeSpan.FromSeconds(30)));
        var since = paths.Now;
        Assert.False(ProbeReport.HasAnswered(paths[1], since));
        double took = paths.RunUntil(() => ProbeReport.HasAnswered(paths[1], since), 60) ?? 99;
        Assert.InRange(took, 1, 6);
        var lossy = new SimulatedPaths(1, (_, size, _) => size == ProbeSize.Small).Begin().Run(60);
        Assert.False(ProbeReport.HasAnswered(lossy[1], TimeSpan.Zero));
    }

    [Fact]
    public void The_log_has_one_line_for_all_that_begin_to_fail_together_and_one_when_they_are_well()
    {
        var news = new ProbeNews();
        Assert.Empty(news.Of([Row(1, ProbeState.Ok), Row(2, ProbeState.Waiting)], TimeSpan.Zero));
        var (complains, text) = Assert.Single(news.Of([.. Enumerable.Range(1, 5).Select(i => Row(i, ProbeState.Dead))], TimeSpan.FromSeconds(1)));
        Assert.True(complains);
        Assert.Contains("host1: nothing comes back from 10.244.1.0", text);
        Assert.Contains("host3: nothing", text);
        Assert.Contains("and 2 more", text);
        Assert.Empty(news.Of([.. Enumerable.Range(1, 5).Select(i => Row(i, ProbeState.Dead))], TimeSpan.FromSeconds(2)));
        Assert.Empty(news.Of([.. Enumerable.Range(1, 5).Select(i => Row(i, ProbeState.Unreachable))], TimeSpan.FromSeconds(3)));
        (complains, text) = Assert.Single(news.Of([.. Enumerable.Range(1, 5).Select(i => Row(i, ProbeState.Ok))], TimeSpan.FromSeconds(4)));
        Assert.False(complains);
        Assert.Contains("works again", text);
    }

    [Fact]
    public void A_path_that_comes_and_goes_does_not_flood_the_log()
    {
        var news = new ProbeNews();
        int lines = 0;
        for (int second = 0; second < 600; second++)
            lines += news.Of([Row(1, second % 10 < 5 ? ProbeState.Dead : ProbeState.Ok)], TimeSpan.FromSeconds(second)).Count();
        Assert.InRange(lines, 2, 24);
    }

    [Fact]
    public void Worse_than_before_is_news_and_a_node_that_is_down_is_none()
    {
        var news = new ProbeNews();
        Assert.Empty(news.Of([Row(1, ProbeState.Unreachable)], TimeSpan.Zero));
        Assert.Single(news.Of([Row(1, ProbeState.Loss)], TimeSpan.FromSeconds(1)));
        Assert.Contains("1450 octets", Assert.Single(news.Of([Row(1, ProbeState.FullSizeLost)], TimeSpan.FromSeconds(2))).Text);
        Assert.Empty(news.Of([Row(1, ProbeState.Loss)], TimeSpan.FromSeconds(3)));
        Assert.Single(news.Of([Row(1, ProbeState.Dead)], TimeSpan.FromSeconds(4)));
    }

    private static (ProbePath Path, TimeSpan Now) Dead()
    {
        var paths = new SimulatedPaths(1, (_, _, now) => now < Broken).Begin();
        Assert.NotNull(paths.RunUntil(() => paths[1].State == PathState.Dead, 130));
        return (paths[1], paths.Now);
    }

    private static ProbeRow Row(int peer, ProbeState state) => new(
        $"m{peer}", Samples.Node(peer), $"host{peer}", IPAddress.Parse($"10.244.{peer}.0"), state, 1450, null, null, null, default, default, 0, null, null, null);
}
