namespace AkkaOverlay.Node.Lab;

/// <summary>The lab cannot go on; the message is one line for a person.</summary>
/// <param name="details">More lines: the end of a node's log.</param>
public sealed class LabException(string message, IReadOnlyList<string>? details = null, Exception? inner = null) : Exception(message, inner)
{
    public IReadOnlyList<string> Details { get; } = details ?? [];
}
