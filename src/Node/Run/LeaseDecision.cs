namespace AkkaOverlay.Node.Run;

/// <summary>Whether a node that ends gives its lease back. An operator's word counts until it is decided; after that it is too late to want something else.</summary>
internal sealed class LeaseDecision
{
    public const string Kept = "it is stopping already and keeps its lease: start it again and tell it then, or free the lease when the process is gone ('lease release')";

    private readonly Lock gate = new();
    private bool? released;
    private bool wanted;

    /// <summary>An operator wants it back.</summary>
    public bool ByOperator
    {
        get
        {
            lock (gate)
                return wanted;
        }
    }

    /// <returns>Why it is not given back; null where it is.</returns>
    public string? OperatorWants()
    {
        lock (gate)
        {
            if (released == false)
                return Kept;
            wanted = true;
            return null;
        }
    }

    /// <param name="byFate">The host does not come back, as far as anybody can tell.</param>
    /// <returns>It is given back.</returns>
    public bool Decide(bool byFate)
    {
        lock (gate)
            return (released = byFate || wanted).Value;
    }
}
