using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Another host that packets are forwarded to and come from.</summary>
public sealed unsafe class ForwardingPeer
{
    /// <summary>On the pinned heap, so that the kernel can be given its address.</summary>
    private readonly byte[] address;

    /// <summary>Null where there is none.</summary>
    private readonly byte[]? otherAddress;

    /// <param name="name">For counters and messages: the host's node id.</param>
    /// <param name="endPoint">Outer destination, and outer source of what it sends.</param>
    /// <param name="keys">What its packets are encrypted with; null where they are not.</param>
    /// <param name="counters">Those of an earlier life of the same peer go on counting.</param>
    /// <param name="otherSource">The peer sends from this address too; null where there is none: where its end point is a router's before it, for one.</param>
    public ForwardingPeer(string name, IPEndPoint endPoint, PeerKeyExchange? keys = null, PeerCounters? counters = null, IPAddress? otherSource = null)
    {
        OtherSource = otherSource;
        otherAddress = otherSource is null ? null : SocketAddresses.Pinned(new IPEndPoint(otherSource, endPoint.Port));
        Keys = keys;
        Name = name;
        EndPoint = endPoint;
        Counters = counters ?? new PeerCounters();
        address = SocketAddresses.Pinned(endPoint);
        Path = new PathLimit(endPoint, keys is null ? 0 : WireFormat.DataOverhead);
    }

    public string Name { get; }

    public IPEndPoint EndPoint { get; }

    public IPAddress? OtherSource { get; }

    public PeerKeyExchange? Keys { get; }

    public PeerCounters Counters { get; }

    public bool IsIPv6 => EndPoint.AddressFamily == AddressFamily.InterNetworkV6;

    internal PathLimit Path { get; }

    /// <summary>Those that may come from its addresses.</summary>
    internal RateLimit Handshakes { get; } = HandshakeGate.ShareOfPeer();

    internal void* Address => (void*)Marshal.UnsafeAddrOfPinnedArrayElement(address, 0);

    internal int AddressLength => address.Length;

    internal ReadOnlySpan<byte> AddressBytes => address;

    /// <param name="sender">A socket address.</param>
    internal bool SendsFrom(ReadOnlySpan<byte> sender) => SocketAddresses.SameHost(address, sender) || (otherAddress is not null && SocketAddresses.SameHost(otherAddress, sender));
}
