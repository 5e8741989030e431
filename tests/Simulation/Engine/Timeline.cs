namespace AkkaOverlay.Simulation.Engine;

/// <summary>Virtual time: what is to happen, in order. Equal times keep the order in which they were asked for.</summary>
internal sealed class Timeline
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> queue = new();
    private long order;

    public TimeSpan Now { get; private set; }

    public void In(TimeSpan delay, Action act) => queue.Enqueue(act, (Now + (delay < TimeSpan.Zero ? TimeSpan.Zero : delay), ++order));

    /// <summary>Runs all that happens until then, unless told to stop.</summary>
    public void RunUntil(TimeSpan end, Func<bool> stop)
    {
        while (!stop() && queue.TryPeek(out var act, out var next) && next.At <= end)
        {
            queue.Dequeue();
            Now = next.At;
            act();
        }
        if (!stop() && Now < end)
            Now = end;
    }
}
