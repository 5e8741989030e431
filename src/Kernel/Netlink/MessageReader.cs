using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>One message inside a datagram: its nlmsghdr and what follows it.</summary>
internal readonly ref struct NetlinkMessage(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public ushort Type => MemoryMarshal.Read<ushort>(_bytes[4..]);

    public ushort Flags => MemoryMarshal.Read<ushort>(_bytes[6..]);

    public uint Sequence => MemoryMarshal.Read<uint>(_bytes[8..]);

    public uint PortId => MemoryMarshal.Read<uint>(_bytes[12..]);

    public ReadOnlySpan<byte> Payload => _bytes[NLMSG_HDRLEN..];

    /// <summary>The family's fixed header at the start of the payload.</summary>
    /// <exception cref="NetlinkParseException">The message is shorter.</exception>
    public T Header<T>()
        where T : unmanaged =>
        MemoryMarshal.TryRead(Payload, out T header) ? header : throw new NetlinkParseException($"A message of type {Type} ends in its header.");

    /// <summary>The attributes behind a fixed header of that type.</summary>
    public AttributeReader Attributes<T>()
        where T : unmanaged
    {
        int start = Align(Unsafe.SizeOf<T>());
        return new AttributeReader(start >= Payload.Length ? default : Payload[start..]);
    }
}

/// <summary>Walks the messages of a datagram; every step goes forward by at least one nlmsghdr, so it ends.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    public NetlinkMessage Current { get; private set; }

    public readonly MessageReader GetEnumerator() => this;

    /// <exception cref="NetlinkParseException">nlmsg_len is smaller than its header or larger than what is left.</exception>
    public bool MoveNext()
    {
        // Fewer octets than a header are padding: NLMSG_OK of linux/netlink.h stops there as well.
        if (_rest.Length < NLMSG_HDRLEN)
            return false;
        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < NLMSG_HDRLEN || length > (uint)_rest.Length)
            throw new NetlinkParseException($"A netlink message claims {length} octets where {_rest.Length} are left.");
        Current = new NetlinkMessage(_rest[..(int)length]);
        _rest = _rest[Math.Min(Align((int)length), _rest.Length)..];
        return true;
    }
}
