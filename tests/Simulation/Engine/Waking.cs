namespace AkkaOverlay.Simulation.Engine;

/// <param name="Awake">The world's time in which the machine ran.</param>
/// <param name="Disturbed">How often it was paused or its clock jumped.</param>
internal readonly record struct Waking(TimeSpan Awake, int Disturbed);
