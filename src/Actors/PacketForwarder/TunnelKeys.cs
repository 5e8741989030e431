using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>What this host proves itself with to its peers.</summary>
/// <param name="Epoch">Greater at every start of the process: see <see cref="NoiseEndpoint"/>.</param>
public sealed record TunnelKeys(StaticKey Key, ulong Epoch);
