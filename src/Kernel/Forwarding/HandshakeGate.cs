using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Chooses the handshakes that are worth an X25519: whoever knows this host's public key can send them by the million, and those of its peers must get through all the
/// same. Of one thread; allocates only for what it lets pass.
/// <code>
/// mac1 ─▶ address of a peer, within its share ─▶ room for peers
///            └ else: within the share of its address and of all strangers ─▶ room for strangers
/// </code>
/// </summary>
/// <remarks>Addresses can be forged: by one of a peer's only that peer is kept out, and only from the room for peers.</remarks>
internal sealed class HandshakeGate(ForwarderEncryption encryption)
{
    /// <summary>Of one peer: what it sends when both hosts start at once, many times over.</summary>
    private const int BurstOfPeer = 16;

    private const int BurstOfSource = 8, BurstOfStrangers = 256, Sources = 1024;

    private static readonly TimeSpan IntervalOfPeer = TimeSpan.FromMilliseconds(100), IntervalOfSource = TimeSpan.FromMilliseconds(200), IntervalOfStrangers = TimeSpan.FromMilliseconds(2);

    // Addresses of one hash share one limit: which these are nobody can know from outside.
    private readonly RateLimit[] sources = [.. Enumerable.Range(0, Sources).Select(_ => new RateLimit(IntervalOfSource, BurstOfSource))];
    private readonly RateLimit strangers = new(IntervalOfStrangers, BurstOfStrangers);

    /// <summary>The share of one peer, which is the same in all loops.</summary>
    public static RateLimit ShareOfPeer() => new(IntervalOfPeer, BurstOfPeer);

    /// <param name="sender">A socket address.</param>
    /// <param name="handshake">An initiation or a response, by its type and length.</param>
    /// <returns>False where it is dropped.</returns>
    public bool TryPass(ForwardingTable table, ReadOnlySpan<byte> sender, ReadOnlySpan<byte> handshake, TimeSpan now)
    {
        if (!encryption.Endpoint.HasMac(handshake))
            return false;
        var address = OuterAddress.Of(sender);
        if (table.FindSender(address) is { } peer && peer.Handshakes.TryTake(now))
            return encryption.TryPass(handshake, ofStranger: false);
        return sources[OuterAddress.Site(address).GetHashCode() & (Sources - 1)].TryTake(now) && strangers.TryTake(now) && encryption.TryPass(handshake, ofStranger: true);
    }
}
