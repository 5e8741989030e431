using Akka.Actor;
using Akka.Cluster;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests.View;

public sealed class AskScheduleSpecs
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly AskSchedule schedule = new();

    [Fact]
    public void Few_hosts_are_asked_every_two_seconds()
    {
        var asked = Run(Members(3), TimeSpan.FromSeconds(10), answers: _ => true);
        Assert.All(asked.GroupBy(question => question.Host), questions =>
        {
            Assert.Equal(5, questions.Count());
            Assert.All(Gaps(questions), gap => Assert.True(gap >= AskSchedule.Shortest));
        });
    }

    [Fact]
    public void Three_hundred_hosts_are_asked_every_five_seconds_and_never_all_at_once()
    {
        var asked = Run(Members(300), TimeSpan.FromSeconds(30), answers: _ => true);
        Assert.InRange(asked.Count, 1500, 30 * AskSchedule.PerSecond);
        Assert.All(asked.GroupBy(question => question.At), tick => Assert.InRange(tick.Count(), 1, (int)(AskSchedule.PerSecond * Pace.TotalSeconds) + 1));
        Assert.All(asked.GroupBy(question => question.Host), questions =>
        {
            Assert.InRange(questions.Count(), 5, 6);
            Assert.All(Gaps(questions), gap => Assert.True(gap >= TimeSpan.FromSeconds(5)));
        });
    }

    [Fact]
    public void After_a_pause_nothing_is_caught_up_with()
    {
        var members = Members(300);
        Run(members, TimeSpan.FromSeconds(1), answers: _ => true);
        Assert.InRange(schedule.Due(TimeSpan.FromHours(1), members).Count, 1, AskSchedule.PerSecond);
    }

    [Fact]
    public void A_host_that_does_not_answer_is_silent_after_a_while_and_keeps_its_old_answer()
    {
        var members = Members(2);
        var (healthy, dead) = (members[0], members[1]);
        Run(members, TimeSpan.FromSeconds(3), answers: _ => true);
        Run(members, TimeSpan.FromSeconds(8), answers: host => host == healthy, from: TimeSpan.FromSeconds(3));
        var seen = schedule.Seen(TimeSpan.FromSeconds(11), members).ToDictionary(host => host.Address);
        Assert.False(seen[healthy].Silent);
        Assert.True(seen[healthy].Age < TimeSpan.FromSeconds(3));
        Assert.True(seen[dead].Silent);
        Assert.NotNull(seen[dead].View);
        Assert.True(seen[dead].Age > TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void A_host_that_was_just_asked_is_not_silent_yet()
    {
        var members = Members(1);
        schedule.Due(TimeSpan.Zero, members);
        Assert.False(schedule.Seen(TimeSpan.FromSeconds(2), members).Single().Silent);
        Assert.True(schedule.Seen(TimeSpan.FromSeconds(3), members).Single().Silent);
    }

    [Fact]
    public void A_late_answer_counts_and_ends_the_silence()
    {
        var members = Members(1);
        var (number, _) = schedule.Due(TimeSpan.Zero, members).Single();
        Assert.True(schedule.Answered(number, ViewSamples.View(1), TimeSpan.FromSeconds(4)));
        Assert.False(schedule.Seen(TimeSpan.FromSeconds(4), members).Single().Silent);
    }

    /// <summary>Asked again before it has answered, which takes longer than the time between two questions.</summary>
    [Fact]
    public void A_host_that_takes_its_time_is_followed_and_not_silent()
    {
        var members = Members(1);
        var late = TimeSpan.FromSeconds(2.8);
        var open = new Queue<(TimeSpan Comes, long Number)>();
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(30); now += Pace)
        {
            while (open.TryPeek(out var answer) && answer.Comes <= now)
                Assert.True(schedule.Answered(open.Dequeue().Number, ViewSamples.View(1), now));
            foreach (var (number, _) in schedule.Due(now, members))
                open.Enqueue((now + late, number));
            var seen = schedule.Seen(now, members).Single();
            Assert.False(seen.Silent);
            Assert.True(now <= late || seen.Age < AskSchedule.Shortest + Pace, $"{now}: {seen.Age}");
        }
    }

    [Fact]
    public void An_answer_that_a_later_one_has_overtaken_is_not_taken()
    {
        var members = Members(1);
        var (first, _) = schedule.Due(TimeSpan.Zero, members).Single();
        var (second, _) = schedule.Due(AskSchedule.Shortest, members).Single();
        Assert.True(schedule.Answered(second, ViewSamples.View(2), TimeSpan.FromSeconds(3)));
        Assert.False(schedule.Answered(first, ViewSamples.View(1), TimeSpan.FromSeconds(4)));
        Assert.Equal("host2", schedule.Seen(TimeSpan.FromSeconds(4), members).Single().View?.Host);
    }

    [Fact]
    public void An_answer_that_nobody_waits_for_is_not_taken()
    {
        var members = Members(1);
        Assert.False(schedule.Answered(7, ViewSamples.View(1), TimeSpan.Zero));
        var (number, _) = schedule.Due(TimeSpan.Zero, members).Single();
        Assert.True(schedule.Answered(number, ViewSamples.View(1), TimeSpan.Zero));
        Assert.False(schedule.Answered(number, ViewSamples.View(2), TimeSpan.Zero));
        Assert.Equal("host1", schedule.Seen(TimeSpan.Zero, members).Single().View?.Host);
    }

    [Fact]
    public void Whoever_is_no_member_any_more_is_forgotten()
    {
        var members = Members(3);
        Run(members, TimeSpan.FromSeconds(3), answers: _ => true);
        Assert.Equal([members[0]], schedule.Seen(TimeSpan.FromSeconds(3), [members[0]]).Select(host => host.Address));
        // One with the same address and another uid is another process.
        var again = new UniqueAddress(members[1].Address, 999);
        Assert.Null(schedule.Seen(TimeSpan.FromSeconds(3), [members[0], again]).Single(host => host.Address == again).View);
    }

    [Fact]
    public void While_nobody_looks_nobody_becomes_silent()
    {
        var members = Members(1);
        schedule.Due(TimeSpan.Zero, members);
        schedule.Pause();
        Assert.False(schedule.Seen(TimeSpan.FromMinutes(5), members).Single().Silent);
    }

    private List<(TimeSpan At, UniqueAddress Host)> Run(IReadOnlyCollection<UniqueAddress> members, TimeSpan time, Func<UniqueAddress, bool> answers, TimeSpan from = default)
    {
        var asked = new List<(TimeSpan, UniqueAddress)>();
        for (var now = from; now < from + time; now += Pace)
        {
            foreach (var (number, host) in schedule.Due(now, members))
            {
                asked.Add((now, host));
                if (answers(host))
                    schedule.Answered(number, ViewSamples.View(host.Uid), now);
            }
        }
        return asked;
    }

    private static IEnumerable<TimeSpan> Gaps(IEnumerable<(TimeSpan At, UniqueAddress Host)> questions) => questions.Zip(questions.Skip(1), (earlier, later) => later.At - earlier.At);

    private static UniqueAddress[] Members(int count) =>
        [.. Enumerable.Range(1, count).Select(n => new UniqueAddress(new Address("akka.tcp", "overlay", $"10.0.{n / 250}.{n % 250}", 4053), n))];
}
