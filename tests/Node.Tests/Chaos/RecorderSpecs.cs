using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Node.Tests.Chaos;

public sealed class RecorderSpecs
{
    [Fact]
    public void The_same_answer_again_lengthens_the_first_one()
    {
        var recorder = new Recorder();
        recorder.See(new LedgerSays("h1", Span.Of(1, 2), 1, true, 3, [new LeaseSeen("a", "10.244.1.0/24", 2, null)]));
        recorder.See(new FileSays("h1", Span.Of(2, 3), null));
        recorder.See(new LedgerSays("h1", Span.Of(3, 4), 1, true, 3, [new LeaseSeen("a", "10.244.1.0/24", 2, null)]));
        var view = Assert.Single(recorder.Snapshot().OfType<LedgerSays>());
        Assert.Equal(new Span(1, 2, 3, 4), view.When);
    }

    [Fact]
    public void Another_answer_or_another_host_is_a_new_one()
    {
        var recorder = new Recorder();
        recorder.See(new FileSays("h1", Span.Of(1, 2), "10.244.1.1/24"));
        recorder.See(new FileSays("h2", Span.Of(2, 3), "10.244.1.1/24"));
        recorder.See(new FileSays("h1", Span.Of(3, 4), null));
        recorder.See(new FileSays("h1", Span.Of(5, 6), "10.244.1.1/24"));
        Assert.Equal(4, recorder.Snapshot().Count);
    }
}
