using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.WireGuard;

/// <summary>A wireguard device as <c>WG_CMD_GET_DEVICE</c> shows it (linux/wireguard.h). Its private key is passed over.</summary>
/// <param name="Key">Its own public key; null while it has none.</param>
/// <param name="Port">UDP, 0 while it has none.</param>
public sealed record WireGuardDevice(PublicKey? Key, ushort Port, ImmutableArray<WireGuardPeer> Peers);

/// <summary>Another host behind a wireguard device.</summary>
public sealed record WireGuardPeer(PublicKey Key)
{
    /// <summary>Where packets to it go: where it was last heard from, else what was set. Null while nothing is known.</summary>
    public IPEndPoint? EndPoint { get; init; }

    public PresharedKey? Psk { get; init; }

    /// <summary>Seconds between packets to an idle peer; 0 for none.</summary>
    public ushort Keepalive { get; init; }

    /// <summary>What may come from it, and is sent to it (cryptokey routing).</summary>
    public ImmutableArray<IpPrefix> AllowedIps { get; init; } = [];

    /// <summary>Encrypted octets, since the peer was made.</summary>
    public ulong ReceivedOctets { get; init; }

    /// <inheritdoc cref="ReceivedOctets"/>
    public ulong SentOctets { get; init; }
}

/// <summary>One request that changes a wireguard device: what it does not name stays, so that no session ends.</summary>
public abstract record WireGuardChange
{
    private WireGuardChange()
    {
    }

    /// <summary>A name of a device, which must be there.</summary>
    public required string Device { get; init; }

    /// <summary>The device's own key and port. Another key ends every session; the same one none.</summary>
    public sealed record SetDevice(StaticKey Key, ushort Port) : WireGuardChange;

    /// <summary>Makes a peer, or changes the one with this key.</summary>
    /// <param name="Peer">A null end point stays; a null <see cref="WireGuardPeer.Psk"/> takes away what there was.</param>
    /// <param name="ReplaceAllowedIps">False adds to what the peer has. A subnet that another peer has moves here either way.</param>
    public sealed record PutPeer(WireGuardPeer Peer, bool ReplaceAllowedIps) : WireGuardChange;

    public sealed record RemovePeer(PublicKey Key) : WireGuardChange;
}
