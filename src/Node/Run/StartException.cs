namespace AkkaOverlay.Node.Run;

/// <summary>The node cannot start; the message is one line that says why and, where there is one, what to do. Exit code 1, nothing half made.</summary>
public sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
