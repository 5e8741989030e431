using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Actors.Tests.Reconcile;

public class RetryTableSpecs
{
    private static readonly NetlinkError Refused = new(1, "refused (EPERM)");

    private readonly ManualTime time = new();
    private readonly RetryTable retries;

    public RetryTableSpecs() => retries = new RetryTable(time);

    [Fact]
    public void What_never_failed_need_not_wait()
    {
        Assert.False(retries.MustWait("a"));
        Assert.Null(retries.NextDelay());
        Assert.Null(retries.ErrorOf("a"));
    }

    [Fact]
    public void Delays_double_up_to_the_longest()
    {
        foreach (int seconds in (int[])[1, 2, 4, 8, 16, 30, 30])
        {
            retries.Failed("a", Refused);
            Assert.Equal(TimeSpan.FromSeconds(seconds), retries.NextDelay());
            time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.True(retries.MustWait("a"));
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.False(retries.MustWait("a"));
            Assert.Equal(TimeSpan.Zero, retries.NextDelay());
        }
    }

    [Fact]
    public void Success_forgets_the_failure()
    {
        retries.Failed("a", Refused);
        retries.Failed("a", Refused);
        retries.Succeeded("a");
        Assert.False(retries.MustWait("a"));
        Assert.Empty(retries.Errors);
        retries.Failed("a", Refused);
        Assert.Equal(RetryTable.FirstDelay, retries.NextDelay());
    }

    [Fact]
    public void A_failure_is_news_once_and_again_with_another_reason()
    {
        Assert.True(retries.Failed("a", Refused));
        Assert.False(retries.Failed("a", Refused));
        Assert.True(retries.Failed("a", new NetlinkError(100, "down (ENETDOWN)")));
        Assert.Equal("down (ENETDOWN)", retries.ErrorOf("a")!.Text);
    }

    [Fact]
    public void Objects_wait_each_for_itself_and_the_next_is_the_earliest()
    {
        retries.Failed("a", Refused);
        retries.Failed("a", Refused);
        time.Advance(TimeSpan.FromMilliseconds(500));
        retries.Failed("b", Refused);
        Assert.Equal(TimeSpan.FromSeconds(1), retries.NextDelay());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(retries.MustWait("a"));
        Assert.False(retries.MustWait("b"));
    }

    [Fact]
    public void What_nobody_wants_is_forgotten()
    {
        retries.Failed("a", Refused);
        retries.Failed("b", Refused);
        retries.Keep(key => key is "b");
        Assert.False(retries.MustWait("a"));
        Assert.True(retries.MustWait("b"));
    }
}
