using AkkaOverlay.Actors.Drain;

namespace AkkaOverlay.Actors.Tests.Drain;

public sealed class DrainWaitSpecs
{
    private static readonly Attachment One = new("vetha", "docker0"), Two = new("vethb", "docker0");

    private readonly DrainWait wait = new(TimeSpan.FromMinutes(10));

    [Fact]
    public void It_waits_while_containers_are_left_and_leaves_when_two_looks_see_none()
    {
        var seen = wait.Looked([One, Two]).Looked([Two]);
        Assert.Equal(DrainStep.Wait, Next(seen));
        seen = seen.Looked([]);
        Assert.Equal(DrainStep.Wait, Next(seen));
        Assert.Equal(DrainStep.Leave, Next(seen.Looked([])));
    }

    [Fact]
    public void A_container_that_is_restarted_is_not_missed()
    {
        var seen = wait.Looked([One]).Looked([]).Looked([One]).Looked([]);
        Assert.Equal(DrainStep.Wait, Next(seen));
        Assert.Equal(DrainStep.Leave, Next(seen.Looked([])));
    }

    [Fact]
    public void A_kernel_that_cannot_be_asked_is_no_sign_that_they_are_gone()
    {
        var seen = wait.Looked([One]).Looked(null).Looked(null);
        Assert.Equal(DrainStep.Wait, Next(seen));
        Assert.Equal("1 container (vetha at docker0)", seen.Containers());
        Assert.Equal(DrainStep.Wait, Next(seen.Looked([]).Looked(null).Looked([])));
        Assert.Equal(DrainStep.Wait, Next(wait.Looked(null).Looked(null)));
    }

    [Fact]
    public void When_the_time_is_over_it_leaves_anyway()
    {
        var seen = wait.Looked([One]);
        Assert.Equal(DrainStep.Wait, seen.Next(TimeSpan.FromMinutes(9.99)));
        Assert.Equal(DrainStep.LeaveAnyway, seen.Next(TimeSpan.FromMinutes(10)));
        Assert.Equal(DrainStep.Leave, seen.Looked([]).Looked([]).Next(TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void Whoever_is_in_a_hurry_can_make_it_shorter_and_nobody_longer()
    {
        var waited = TimeSpan.FromMinutes(4);
        Assert.Equal(TimeSpan.FromMinutes(5), wait.Shortened(TimeSpan.FromMinutes(1), waited).Limit);
        Assert.Equal(DrainStep.LeaveAnyway, wait.Looked([One]).Shortened(TimeSpan.Zero, waited).Next(waited));
        Assert.Equal(TimeSpan.FromMinutes(10), wait.Shortened(TimeSpan.FromMinutes(6), waited).Limit);
        Assert.Equal(TimeSpan.FromMinutes(10), wait.Shortened(TimeSpan.MaxValue, waited).Limit);
    }

    [Fact]
    public void It_says_what_it_waits_for_and_how_long_at_most()
    {
        Assert.Equal("containers that were not seen yet, waits 10m at most", wait.Describe(TimeSpan.Zero));
        Assert.Equal("2 containers (vetha at docker0, vethb at docker0), waits 7m at most", wait.Looked([One, Two]).Describe(TimeSpan.FromSeconds(200)));
        Assert.Equal("no container left, waits 0s at most", wait.Looked([]).Describe(TimeSpan.FromMinutes(11)));
        Assert.Equal(
            "6 containers (v0 at cni0, v1 at cni0, v2 at cni0, v3 at cni0 and 2 more)",
            wait.Looked([.. Enumerable.Range(0, 6).Select(i => new Attachment($"v{i}", "cni0"))]).Containers());
    }

    private static DrainStep Next(DrainWait wait) => wait.Next(TimeSpan.FromSeconds(5));
}
