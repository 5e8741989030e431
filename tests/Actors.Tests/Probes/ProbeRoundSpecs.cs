using AkkaOverlay.Actors.Probes;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>How much a host sends, and when, whatever fails.</summary>
public sealed class ProbeRoundSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Twenty_peers_cost_a_few_packets_a_second_spread_evenly()
    {
        var paths = new SimulatedPaths(20, (_, _, _) => true).Begin().Run(120);
        var last = paths.Asked.Where(asked => asked.At > paths.Now - TimeSpan.FromSeconds(60)).ToList();
        double perSecond = last.Count / 60.0;
        int most = last.Max(asked => last.Count(other => other.At >= asked.At && other.At < asked.At + TimeSpan.FromSeconds(1)));
        output.WriteLine($"measured: {perSecond:0.0} questions a second, {most} at most");
        Assert.InRange(perSecond, 5, 7);
        Assert.InRange(most, 6, 12);
        Assert.All(last.GroupBy(asked => asked.Peer), peer => Assert.InRange(peer.Count(), 16, 24));
    }

    [Fact]
    public void A_host_whose_paths_all_fail_names_all_of_them_in_time_and_asks_no_more_than_twelve_times_a_second()
    {
        double longest = 0;
        for (int i = 0; i < 50; i++)
        {
            bool broken = false;
            var paths = new SimulatedPaths(20, (_, _, _) => !broken, seed: i).Begin().Run(60 + (i * 0.1));
            broken = true;
            longest = Math.Max(longest, paths.RunUntil(() => paths.Paths.All(path => path.Path.State == PathState.Dead), 30) ?? 99);
            paths.Run(60);
            var times = paths.Asked.Select(asked => asked.At).ToList();
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Item2 - pair.Item1 >= ProbeTimes.Gap));
            broken = false;
            Assert.NotNull(paths.RunUntil(() => paths.Paths.All(path => path.Path.State == PathState.Ok), 10));
        }
        output.WriteLine($"measured: all of 20 dead after at most {longest:0.0} s");
        Assert.InRange(longest, 2, 10);
    }

    [Fact]
    public void One_path_that_fails_does_not_keep_the_others_waiting()
    {
        var paths = new SimulatedPaths(20, (peer, _, _) => peer != 7).Begin().Run(300);
        Assert.All(Enumerable.Range(1, 20), peer => Assert.Equal(peer == 7 ? PathState.Dead : PathState.Ok, paths[peer].State));
        var other = paths.Asked.Where(asked => asked.Peer == 8 && asked.Size == ProbeSize.Full).Select(asked => asked.At).ToList();
        Assert.All(other.Zip(other.Skip(1)), pair => Assert.True(pair.Item2 - pair.Item1 < TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Who_stays_keeps_what_is_known_and_who_is_somewhere_else_begins_anew()
    {
        var paths = new SimulatedPaths(3, (_, _, _) => true).Begin().Run(30);
        long asked = paths[2].Full.Asked;
        paths.Adopt(SimulatedPaths.Target(2), SimulatedPaths.Target(3) with { Token = 8 }, SimulatedPaths.Target(4));
        Assert.Equal(["m2", "m3", "m4"], paths.Paths.Select(path => path.Target.Member).Order(StringComparer.Ordinal));
        Assert.Equal((asked, PathState.Ok), (paths[2].Full.Asked, paths[2].State));
        Assert.Equal(PathState.Waiting, paths[3].State);
    }
}
