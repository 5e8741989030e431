using System.Diagnostics;
using AkkaOverlay.Kernel.Forwarding;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed class AnswerWaitSpecs
{
    private readonly AnswerWait wait = new();
    private long now;

    [Fact]
    public void Asking_is_tried_after_eight_answers_within_400_microseconds()
    {
        Answers(7, 390);
        Assert.False(wait.Pays);
        Answers(1, 390);
        Assert.True(wait.Pays);
    }

    [Fact]
    public void One_late_answer_among_them_and_the_count_begins_anew()
    {
        Answers(7, 50);
        Answers(1, 1000);
        Answers(7, 50);
        Assert.False(wait.Pays);
    }

    [Fact]
    public void More_of_the_same_instead_of_an_answer_and_the_count_begins_anew()
    {
        Answers(7, 50);
        wait.Missed(now);
        Answers(7, 50);
        Assert.False(wait.Pays);
    }

    [Fact]
    public void Asking_that_brings_nothing_ends_after_four_times_and_has_no_trial_for_100_milliseconds()
    {
        Answers(8, 50);
        Answers(3, 150);
        Assert.True(wait.Pays);
        Answers(1, 150);
        Assert.False(wait.Pays);
        // Answers that come by sleeping are no reason meanwhile.
        Answers(400, 150);
        Assert.False(wait.Pays);
        now += Microseconds(50_000);
        Answers(8, 150);
        Assert.True(wait.Pays);
    }

    [Fact]
    public void An_answer_that_is_late_now_and_then_does_not_end_what_pays()
    {
        Answers(8, 50);
        for (int i = 0; i < 100; i++)
        {
            Answers(3, 60);
            Answers(1, 500);
        }
        Assert.True(wait.Pays);
    }

    [Fact]
    public void An_answer_after_ten_milliseconds_ends_it_at_once()
    {
        Answers(50, 50);
        Answers(1, 10_000);
        Assert.False(wait.Pays);
    }

    [Fact]
    public void One_way_traffic_ends_it()
    {
        Answers(8, 50);
        for (int i = 0; i < 4; i++)
            wait.Missed(now);
        Assert.False(wait.Pays);
    }

    private void Answers(int count, int microseconds)
    {
        for (int i = 0; i < count; i++)
        {
            now += Microseconds(microseconds);
            wait.Came(Microseconds(microseconds), now);
        }
    }

    private static long Microseconds(int count) => Stopwatch.Frequency / 1_000_000 * count;
}
