using AkkaOverlay.Chaos.Schedule;

namespace AkkaOverlay.Node.Tests.Chaos;

public sealed class ScheduleMakerSpecs
{
    private static readonly ScheduleSettings Settings = new(600, 5, 3, 3, new HashSet<int> { 1, 5 });

    [Fact]
    public void The_same_seed_makes_the_same_schedule() =>
        Assert.Equal(Text(ScheduleMaker.Make(7, Settings)), Text(ScheduleMaker.Make(7, Settings)));

    [Fact]
    public void Another_seed_makes_another_one() =>
        Assert.NotEqual(Text(ScheduleMaker.Make(7, Settings)), Text(ScheduleMaker.Make(8, Settings)));

    [Fact]
    public void Every_kind_comes_within_two_minutes()
    {
        for (int seed = 0; seed < 50; seed++)
            Assert.True(Enum.GetValues<ActKind>().Length - ScheduleMaker.Make(seed, Settings with { Seconds = 120 }).Select(act => act.Kind).Distinct().Count() <= 2);
    }

    [Fact]
    public void No_host_is_in_two_acts_at_once_and_there_is_one_cut_at_a_time()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var acts = ScheduleMaker.Make(seed, Settings);
            foreach (var (act, later) in acts.SelectMany((act, index) => acts.Skip(index + 1).Select(later => (act, later))).Where(pair => pair.later.At < pair.act.At + pair.act.Seconds))
            {
                Assert.Empty(act.Hosts.Intersect(later.Hosts));
                Assert.False(act.Cuts.Count > 0 && later.Cuts.Count > 0);
            }
        }
    }

    [Fact]
    public void Each_act_is_what_its_kind_says()
    {
        foreach (var act in Enumerable.Range(0, 50).SelectMany(seed => ScheduleMaker.Make(seed, Settings)))
        {
            Assert.InRange(act.At, 0, Settings.Seconds);
            Assert.DoesNotContain(act.Cuts, cut => cut.From == cut.To);
            switch (act.Kind)
            {
                case ActKind.DiskFull:
                    Assert.Contains(act.Hosts[0], Settings.SmallDisks);
                    break;
                case ActKind.DiskLost:
                    Assert.InRange(act.Hosts[0], 1, Settings.Core);
                    break;
                case ActKind.PauseShort:
                    Assert.InRange(act.Seconds, 0, 3);
                    break;
                case ActKind.PowerLoss:
                    Assert.Equal(Settings.All, act.Hosts.Order());
                    break;
                case ActKind.CutOneWay:
                    Assert.DoesNotContain(act.Cuts, cut => act.Cuts.Contains((cut.To, cut.From)));
                    break;
                case ActKind.Cut or ActKind.Flap:
                    Assert.All(act.Cuts, cut => Assert.Contains((cut.To, cut.From), act.Cuts));
                    break;
                default:
                    Assert.InRange(act.Hosts[0], 1, Settings.Hosts);
                    break;
            }
        }
    }

    [Fact]
    public void A_cut_touches_those_that_it_cuts_off_from_the_core()
    {
        Assert.Equal([5], Cut((1, 5), (5, 1), (4, 5), (5, 4)).Touched(3));
        Assert.Equal([1, 2], Cut((1, 2)).Touched(3));
        Assert.Empty(Cut((4, 5), (5, 4)).Touched(3));
        Assert.Equal([2], new Act(1, ActKind.Kill, 1, [2], []).Touched(3));

        static Act Cut(params (int, int)[] cuts) => new(1, ActKind.Cut, 1, [], cuts);
    }

    private static string Text(IReadOnlyList<Act> acts) => string.Join('\n', acts.Select(act => $"{act.At:0.000} {act}"));
}
