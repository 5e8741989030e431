using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>
/// Writes netlink messages one behind the other into a buffer that grows and is used again: a batch costs no allocation once the buffer is warm.
/// Numbers are in host order, as netlink wants them, unless the name says otherwise.
/// </summary>
internal sealed class MessageWriter(int capacity = 16 * 1024)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;
    private int _message;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Starts a message with its nlmsghdr; nlmsg_pid stays 0, "the kernel fills it in".</summary>
    public void Begin(ushort type, ushort flags, uint sequence)
    {
        _message = _length;
        var header = Reserve(NLMSG_HDRLEN);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], flags);
        MemoryMarshal.Write(header[8..], sequence);
    }

    /// <summary>Ends the message that <see cref="Begin"/> started: writes nlmsg_len.</summary>
    public void End() => MemoryMarshal.Write(_buffer.AsSpan(_message), (uint)(_length - _message));

    /// <summary>The family's fixed header (ifinfomsg, rtmsg …), by value.</summary>
    public void Header<T>(in T header)
        where T : unmanaged =>
        MemoryMarshal.Write(Reserve(Unsafe.SizeOf<T>()), header);

    public void Flag(ushort type) => Attribute(type, 0);

    public void U8(ushort type, byte value) => Attribute(type, 1)[0] = value;

    public void U16(ushort type, ushort value) => MemoryMarshal.Write(Attribute(type, 2), value);

    public void U16BigEndian(ushort type, ushort value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(Attribute(type, 2), value);

    public void U32(ushort type, uint value) => MemoryMarshal.Write(Attribute(type, 4), value);

    public void U64BigEndian(ushort type, ulong value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(Attribute(type, 8), value);

    public void I32(ushort type, int value) => MemoryMarshal.Write(Attribute(type, 4), value);

    public void Mac(ushort type, Net.MacAddress value) => value.CopyTo(Attribute(type, Net.MacAddress.Length));

    public void Bytes(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(Attribute(type, value.Length));

    /// <summary>in_addr or in6_addr, in network order.</summary>
    public void Address(ushort type, IPAddress value) => value.TryWriteBytes(Attribute(type, Net.AddressMath.BitLength(value) / 8), out _);

    /// <summary>RTA_VIA: a family in host order, then the address (struct rtvia).</summary>
    public void Via(ushort type, ushort family, IPAddress value)
    {
        var payload = Attribute(type, 2 + (Net.AddressMath.BitLength(value) / 8));
        MemoryMarshal.Write(payload, family);
        value.TryWriteBytes(payload[2..], out _);
    }

    /// <summary>UTF-8 with a closing zero.</summary>
    public void Text(ushort type, string value) =>
        Encoding.UTF8.GetBytes(value, Attribute(type, Encoding.UTF8.GetByteCount(value) + 1));

    /// <summary>Opens an attribute that holds attributes; give the result to <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        int start = _length;
        Attribute((ushort)(type | NLA_F_NESTED), 0);
        return start;
    }

    public void EndNested(int start) => MemoryMarshal.Write(_buffer.AsSpan(start), (ushort)(_length - start));

    private Span<byte> Attribute(ushort type, int payload)
    {
        var attribute = Reserve(NLA_HDRLEN + payload);
        MemoryMarshal.Write(attribute, (ushort)(NLA_HDRLEN + payload));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute[NLA_HDRLEN..];
    }

    /// <summary>Zeroed space of that many octets; what follows starts at the next multiple of four.</summary>
    private Span<byte> Reserve(int size)
    {
        int aligned = Align(size);
        if (_length + aligned > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + aligned));
        var space = _buffer.AsSpan(_length, aligned);
        space.Clear();
        _length += aligned;
        return space[..size];
    }
}
