namespace AkkaOverlay.Node.Page;

/// <summary>How a host stands, in a word: what the page gives a colour, a shape and a text.</summary>
internal static class HostState
{
    /// <summary>A member that says that it is ready.</summary>
    public const string Ok = "ok";

    /// <summary>It says itself what is missing.</summary>
    public const string NotReady = "notReady";

    /// <summary>The cluster has heartbeats of it, but it does not answer questions.</summary>
    public const string Silent = "silent";

    /// <summary>The cluster misses its heartbeats.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>On its way into the cluster.</summary>
    public const string Joining = "joining";

    /// <summary>On its way out, by its own wish or put out.</summary>
    public const string Leaving = "leaving";

    /// <summary>It has a lease and is no member: down, or not there.</summary>
    public const string Away = "away";

    /// <summary>Nobody has asked it yet.</summary>
    public const string Unknown = "unknown";

    /// <param name="member">Null for a host that is none.</param>
    /// <param name="clusterKnown">False where this node has no cluster: then nobody's absence says anything.</param>
    /// <param name="problem">What the host itself says is missing.</param>
    public static string Of(PageMember? member, bool clusterKnown, bool described, bool silent, string? problem) => member switch
    {
        null when described => problem is null ? Ok : NotReady,
        null => clusterKnown ? Away : Unknown,
        { Reachable: false } => Unreachable,
        { Status: "Joining" or "WeaklyUp" } => Joining,
        { Status: not "Up" } => Leaving,
        _ when silent => Silent,
        _ when !described => Unknown,
        _ => problem is null ? Ok : NotReady,
    };
}
