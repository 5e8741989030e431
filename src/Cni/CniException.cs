namespace AkkaOverlay.Cni;

/// <summary>What goes to the runtime as an error result.</summary>
/// <param name="message">Short: what is wrong.</param>
/// <param name="details">Longer: what it would have to be, or where it was found.</param>
internal sealed class CniException(int code, string message, string details = "", Exception? inner = null) : Exception(message, inner)
{
    public int Code { get; } = code;

    public string Details { get; } = details;
}
