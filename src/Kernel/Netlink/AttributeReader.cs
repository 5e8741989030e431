using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using AkkaOverlay.Kernel.Net;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>
/// One attribute (struct nlattr). A value that is longer than asked for is cut, as the kernel's own readers do; a shorter one throws.
/// </summary>
internal readonly ref struct NetlinkAttribute(ushort type, ReadOnlySpan<byte> value)
{
    /// <summary>Without the NLA_F_* bits.</summary>
    public ushort Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;

    public byte U8 => Read<byte>();

    public ushort U16 => Read<ushort>();

    public ushort U16BigEndian => BinaryPrimitives.ReverseEndianness(Read<ushort>());

    public uint U32 => Read<uint>();

    public uint U32BigEndian => BinaryPrimitives.ReverseEndianness(Read<uint>());

    public ulong U64BigEndian => BinaryPrimitives.ReverseEndianness(Read<ulong>());

    public int I32 => Read<int>();

    /// <summary>UTF-8 up to the first zero.</summary>
    public string Text
    {
        get
        {
            int zero = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(zero < 0 ? Value : Value[..zero]);
        }
    }

    /// <summary>Null where the link-layer address is not one of Ethernet's six octets.</summary>
    public MacAddress? Mac => Value.Length == MacAddress.Length ? MacAddress.FromBytes(Value) : null;

    /// <summary>in_addr or in6_addr by length.</summary>
    public IPAddress Address => Value.Length is 4 or 16
        ? new IPAddress(Value)
        : throw new NetlinkParseException($"Attribute {Type} of {Value.Length} octets is no IP address.");

    public AttributeReader Nested => new(Value);

    /// <summary>struct rtvia: the family, then the address.</summary>
    public IPAddress Via => new NetlinkAttribute(Type, Value.Length < 2 ? default : Value[2..]).Address;

    private T Read<T>()
        where T : unmanaged =>
        MemoryMarshal.TryRead(Value, out T value)
            ? value
            : throw new NetlinkParseException($"Attribute {Type} has {Value.Length} octets, too few for its type.");
}

/// <summary>Walks attributes; every step goes forward by at least one nlattr, so it ends.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    public NetlinkAttribute Current { get; private set; }

    public readonly AttributeReader GetEnumerator() => this;

    /// <exception cref="NetlinkParseException">nla_len is smaller than its header or larger than what is left.</exception>
    public bool MoveNext()
    {
        if (_rest.Length < NLA_HDRLEN)
            return false;
        ushort length = MemoryMarshal.Read<ushort>(_rest);
        if (length < NLA_HDRLEN || length > _rest.Length)
            throw new NetlinkParseException($"An attribute claims {length} octets where {_rest.Length} are left.");
        ushort type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & NLA_TYPE_MASK);
        Current = new NetlinkAttribute(type, _rest[NLA_HDRLEN..length]);
        _rest = _rest[Math.Min(Align(length), _rest.Length)..];
        return true;
    }
}
