using System.Diagnostics;
using AkkaOverlay.Kernel.Forwarding;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed class ConversationSpecs
{
    private readonly Conversation conversation = new();
    private long now = Stopwatch.Frequency;

    [Fact]
    public void Who_is_answered_soon_is_asked_for_for_100_microseconds_after_each_packet()
    {
        for (int i = 0; i < 20; i++)
            Passed(outward: i % 2 == 0);
        Assert.True(conversation.IsWorthAsking(now));
        Assert.True(conversation.IsWorthAsking(now + Microseconds(99)));
        Assert.False(conversation.IsWorthAsking(now + Microseconds(100)));
    }

    [Fact]
    public void Packets_in_one_direction_are_no_conversation()
    {
        for (int i = 0; i < 1000; i++)
            Passed(outward: true, 10);
        Assert.False(conversation.IsWorthAsking(now));
    }

    [Fact]
    public void A_download_with_an_answer_to_every_second_packet_is_none()
    {
        for (int i = 0; i < 20; i++)
            Passed(outward: i % 2 == 0);
        for (int i = 0; i < 100; i++)
        {
            Passed(outward: false, 45);
            Passed(outward: false, 45);
            Passed(outward: true, 5);
        }
        Assert.False(conversation.IsWorthAsking(now));
    }

    [Fact]
    public void The_peers_may_be_slow_and_the_containers_quick()
    {
        for (int i = 0; i < 100; i++)
        {
            Passed(outward: false, 2000);
            Assert.True(i < 10 || conversation.IsWorthAsking(now));
            Passed(outward: true, 20);
            Assert.False(conversation.IsWorthAsking(now));
        }
    }

    private void Passed(bool outward, int after = 50)
    {
        now += Microseconds(after);
        conversation.Passed(outward, now);
    }

    private static long Microseconds(int count) => Stopwatch.Frequency / 1_000_000 * count;
}
