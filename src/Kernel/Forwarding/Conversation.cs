namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Follows lone packets that go to and fro, where somebody waits for each of them; of one thread. Times are in units of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
internal sealed class Conversation
{
    /// <summary>After a packet went out; after one came in.</summary>
    private readonly AnswerWait peer = new(), container = new();
    private AnswerWait? awaited;
    private long since;

    /// <summary>A lone packet went on.</summary>
    /// <param name="outward">To a peer.</param>
    public void Passed(bool outward, long now)
    {
        var next = outward ? peer : container;
        if (ReferenceEquals(awaited, next))
        {
            // One way, with an answer now and then: nobody waits for each.
            peer.Missed(now);
            container.Missed(now);
        }
        else
        {
            awaited?.Came(now - since, now);
        }
        (awaited, since) = (next, now);
    }

    /// <summary>In one direction at least asking pays.</summary>
    public bool Pays => peer.Pays || container.Pays;

    /// <summary>Whether to ask once more for an answer instead of sleeping.</summary>
    public bool IsWorthAsking(long now) => awaited is { Pays: true } && now - since < AnswerWait.Longest;
}
