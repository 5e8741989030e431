namespace AkkaOverlay.Node.Run;

/// <summary>Somebody wants this node to end.</summary>
/// <param name="ByOperator">For good, by <c>cluster leave</c>; else by a signal.</param>
/// <param name="Limit">How long to wait for containers at most; null where the node's own options say.</param>
internal sealed record StopWish(bool ByOperator, TimeSpan? Limit)
{
    public static readonly StopWish Signal = new(false, null);

    /// <summary>To a node that waits already: how much longer at most; null where it changes nothing.</summary>
    public TimeSpan? Further => ByOperator ? Limit : TimeSpan.Zero;

    public static StopWish Operator(TimeSpan? limit) => new(true, limit);
}
