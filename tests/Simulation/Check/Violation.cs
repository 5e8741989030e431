namespace AkkaOverlay.Simulation.Check;

/// <summary>Something happened that must never happen.</summary>
internal class ViolationException(string message) : Exception(message);

/// <summary>Nothing wrong was said or done, but something that should have happened did not.</summary>
internal sealed class NotWellException(string message) : ViolationException(message);
