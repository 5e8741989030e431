using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

public class AnswerGateSpecs
{
    private readonly AnswerGate gate = new();
    private readonly List<int> answered = [];

    [Fact]
    public void Nothing_is_answered_before_the_fence_and_nothing_asked_for_nobody()
    {
        Assert.False(gate.TryAsk(1));
        Add(1);
        Assert.True(gate.TryAsk(1));
        Assert.Empty(answered);
        gate.Open();
        Assert.Equal([1], answered);
        Assert.False(gate.TryAsk(1));
    }

    [Fact]
    public void What_comes_while_a_question_is_under_way_waits_for_the_next_and_shares_it()
    {
        Add(1);
        gate.TryAsk(5);
        Add(2);
        Add(3);
        Assert.False(gate.TryAsk(6));
        Assert.Equal(5, gate.Asked);
        gate.Open();
        Assert.Equal([1], answered);
        Assert.True(gate.TryAsk(6));
        gate.Open();
        Assert.Equal([1, 2, 3], answered);
    }

    [Fact]
    public void After_a_question_that_failed_everybody_waits_for_the_next_in_order()
    {
        Add(1);
        gate.TryAsk(5);
        Add(2);
        gate.Retry();
        Assert.Empty(answered);
        Assert.True(gate.TryAsk(5));
        gate.Open();
        Assert.Equal([1, 2], answered);
    }

    private void Add(int number) => gate.Add(() => answered.Add(number));
}
