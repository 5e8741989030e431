using AkkaOverlay.Actors.Probes;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>What is concluded of lost and answered questions, and how soon, under virtual time.</summary>
public sealed class ProbePathSpecs(ITestOutputHelper output)
{
    private const double Promised = 10;

    [Fact]
    public void A_path_on_which_all_is_answered_is_ok_and_stays_so()
    {
        var paths = new SimulatedPaths(1, (_, _, _) => true).Begin().Run(600);
        Assert.Equal(PathState.Ok, paths[1].State);
        Assert.Equal(0, paths[1].LossRatio);
        Assert.Equal(TimeSpan.FromMilliseconds(1), paths[1].RoundTrip);
        Assert.Equal(paths[1].Full.Asked, paths[1].Full.AnsweredCount);
        // A full-size question every 4 s, and one small one for four of them.
        Assert.InRange(paths[1].Full.Asked, 140, 160);
        Assert.InRange(paths[1].Small.Asked, 33, 42);
    }

    [Fact]
    public void Whenever_it_breaks_a_dead_path_is_known_in_time_and_whenever_it_heals_too()
    {
        double longestToFail = 0, longestToHeal = 0;
        for (int i = 0; i < 300; i++)
        {
            bool broken = false;
            var paths = new SimulatedPaths(1, (_, _, _) => !broken, seed: i).Begin().Run(60 + (i * 0.037));
            broken = true;
            var brokenAt = paths.Now;
            longestToFail = Math.Max(longestToFail, paths.RunUntil(() => paths[1].State == PathState.Dead, 20) ?? 99);
            Assert.InRange(paths[1].Since, brokenAt, brokenAt + TimeSpan.FromSeconds(5));
            paths.Run(30 + (i * 0.041));
            broken = false;
            longestToHeal = Math.Max(longestToHeal, paths.RunUntil(() => paths[1].State == PathState.Ok, 20) ?? 99);
        }
        output.WriteLine($"measured: dead after at most {longestToFail:0.0} s, well after at most {longestToHeal:0.0} s");
        Assert.InRange(longestToFail, 1, Promised - 2);
        Assert.InRange(longestToHeal, 0.5, Promised - 2);
    }

    [Fact]
    public void Where_only_large_packets_are_lost_the_size_is_named_and_nothing_else_ever()
    {
        double longestToFail = 0, longestToHeal = 0;
        for (int i = 0; i < 300; i++)
        {
            bool broken = false;
            var paths = new SimulatedPaths(1, (_, size, _) => !broken || size == ProbeSize.Small, seed: i).Begin().Run(60 + (i * 0.037));
            broken = true;
            longestToFail = Math.Max(longestToFail, paths.RunUntil(() => paths[1].State != PathState.Ok, 20) ?? 99);
            Assert.Equal(PathState.FullSizeLost, paths[1].State);
            Assert.Null(paths.RunUntil(() => paths[1].State != PathState.FullSizeLost, 120));
            broken = false;
            longestToHeal = Math.Max(longestToHeal, paths.RunUntil(() => paths[1].State == PathState.Ok, 20) ?? 99);
        }
        output.WriteLine($"measured: full-size lost after at most {longestToFail:0.0} s, well after at most {longestToHeal:0.0} s");
        Assert.InRange(longestToFail, 1, Promised - 1.5);
        Assert.InRange(longestToHeal, 0.2, Promised - 2);
    }

    [Fact]
    public void A_dead_path_that_lets_small_packets_through_again_becomes_one_that_loses_the_full_size()
    {
        int stage = 0;
        var paths = new SimulatedPaths(1, (_, size, _) => stage == 0 || (stage == 2 && size == ProbeSize.Small)).Begin().Run(60);
        stage = 1;
        Assert.NotNull(paths.RunUntil(() => paths[1].State == PathState.Dead, 10));
        stage = 2;
        Assert.NotNull(paths.RunUntil(() => paths[1].State == PathState.FullSizeLost, 20));
        stage = 0;
        Assert.NotNull(paths.RunUntil(() => paths[1].State == PathState.Ok, 10));
    }

    [Fact]
    public void One_packet_lost_now_and_then_is_no_trouble()
    {
        int count = 0;
        var paths = new SimulatedPaths(1, (_, _, _) => ++count % 20 != 0).Begin().Run(5);
        Assert.Null(paths.RunUntil(() => paths[1].State != PathState.Ok, 3600));
        Assert.InRange(paths[1].LossRatio!.Value, 0.03, 0.07);
    }

    [Fact]
    public void A_third_lost_is_loss_and_not_death_and_is_over_soon_after_it_ends()
    {
        double slowest = 0, healedAfter = 0;
        int dead = 0, looks = 0;
        for (int seed = 1; seed <= 50; seed++)
        {
            var random = new Random(seed);
            bool lossy = false;
            var paths = new SimulatedPaths(1, (_, _, _) => !lossy || random.NextDouble() > 0.33, seed).Begin().Run(60);
            lossy = true;
            slowest += (paths.RunUntil(() => paths[1].Fails, 60) ?? 99) / 50;
            for (int i = 0; i < 100; i++, looks++)
            {
                paths.Run(1);
                dead += paths[1].State == PathState.Dead ? 1 : 0;
            }
            lossy = false;
            healedAfter = Math.Max(healedAfter, paths.RunUntil(() => paths[1].State == PathState.Ok, 30) ?? 99);
        }
        output.WriteLine($"measured: loss of a third is seen after {slowest:0.0} s on average and over after {healedAfter:0.0} s at most; dead at {dead} of {looks} looks");
        Assert.InRange(slowest, 1, 15);
        Assert.InRange(healedAfter, 1, Promised);
        Assert.InRange(dead, 0, looks / 8);
    }

    [Fact]
    public void A_path_that_never_worked_is_given_time_before_it_is_called_dead()
    {
        var paths = new SimulatedPaths(1, (_, _, _) => false).Begin();
        Assert.Null(paths.RunUntil(() => paths[1].State != PathState.Waiting, ProbeTimes.Grace.TotalSeconds - 0.1));
        Assert.NotNull(paths.RunUntil(() => paths[1].State == PathState.Dead, 2));
        var late = new SimulatedPaths(1, (_, _, now) => now.TotalSeconds > 106).Begin();
        Assert.NotNull(late.RunUntil(() => late[1].State != PathState.Waiting, 10));
        Assert.Equal(PathState.Ok, late[1].State);
    }

    [Fact]
    public void A_host_that_stood_still_blames_nobody()
    {
        var paths = new SimulatedPaths(5, (_, _, _) => true).Begin().Run(60);
        for (int i = 0; i < 50; i++)
        {
            paths.Run(3.1);
            paths.StandStill(30);
            Assert.Null(paths.RunUntil(() => paths.Paths.Any(path => path.Path.State != PathState.Ok), 5));
        }
    }

    [Fact]
    public void An_answer_that_was_not_asked_for_or_comes_late_counts_for_nothing()
    {
        var path = ProbePath.Begin(TimeSpan.Zero).Asked(1, TimeSpan.Zero);
        Assert.Equal(PathState.Waiting, path.Answered(2, TimeSpan.FromMilliseconds(1)).State);
        Assert.Equal(PathState.Waiting, path.Answered(1, ProbeTimes.Patience * 1.1).State);
        Assert.Equal(PathState.Ok, path.Answered(1, TimeSpan.FromMilliseconds(1)).State);
        Assert.Equal(1, path.Answered(1, TimeSpan.FromMilliseconds(1)).Answered(1, TimeSpan.FromMilliseconds(2)).Full.AnsweredCount);
    }

    [Fact]
    public void What_the_kernel_does_not_send_is_lost_and_says_why()
    {
        var path = ProbePath.Begin(TimeSpan.Zero).Asked(1, TimeSpan.Zero).Answered(1, TimeSpan.FromMilliseconds(1));
        for (ulong i = 2; i < 8; i++)
            path = path.Asked(i, TimeSpan.FromSeconds(i)).Refused(i, "Message too long", TimeSpan.FromSeconds(i));
        Assert.Equal(PathState.Dead, path.State);
        Assert.Equal("Message too long", path.Problem);
        Assert.Null(path.Asked(9, TimeSpan.FromSeconds(9)).Problem);
    }
}
