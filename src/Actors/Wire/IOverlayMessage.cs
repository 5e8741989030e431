namespace AkkaOverlay.Actors.Wire;

/// <summary>
/// Everything that crosses the network or goes into the journal. Written by <see cref="OverlaySerializer"/> as protobuf under a short manifest;
/// what is not one of these cannot be sent at all (<see cref="DenySerializer"/>).
/// </summary>
public interface IOverlayMessage;
