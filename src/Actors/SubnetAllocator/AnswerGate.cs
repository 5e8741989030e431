namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>
/// Holds back answers from memory until the fence has said that this allocator was still the one when they were asked for. All that come while one question
/// is under way share the next one.
/// </summary>
/// <remarks>Not safe for threads: an actor's.</remarks>
internal sealed class AnswerGate
{
    private List<Action> waiting = [];
    private List<Action> asked = [];

    /// <summary>Sequence number that the question under way is about; null where none is.</summary>
    public long? Asked { get; private set; }

    public void Add(Action answer) => waiting.Add(answer);

    /// <summary>A question to the fence begins now, for everything that waits.</summary>
    /// <returns>False where one is under way or nobody waits.</returns>
    public bool TryAsk(long revision)
    {
        if (Asked is not null || waiting.Count == 0)
            return false;
        (waiting, asked) = ([], waiting);
        Asked = revision;
        return true;
    }

    /// <summary>The fence holds: gives the answers that waited for it.</summary>
    public void Open()
    {
        var ready = asked;
        asked = [];
        Asked = null;
        foreach (var answer in ready)
            answer();
    }

    /// <summary>The fence could not be asked: everybody waits for the next question.</summary>
    public void Retry()
    {
        asked.AddRange(waiting);
        (waiting, asked) = (asked, []);
        Asked = null;
    }
}
