using System.Buffers.Binary;

namespace AkkaOverlay.Fuzz.Mutation;

/// <summary>What can go wrong with netlink messages: lengths that lie, attributes that come twice, too short, under another number, or inside each other.</summary>
internal sealed class NetlinkMutations(Random random)
{
    private const int MessageHeader = 16;
    private const int AttributeHeader = 4;

    /// <summary>By message type, octets of the header in front of the attributes: ifinfomsg, ifaddrmsg, rtmsg, ndmsg; else nlmsgerr's errno and request.</summary>
    private static readonly int[] FixedHeaders = [16, 8, 12, 12];

    private readonly ByteMutations bytes = new(random);

    public IReadOnlyList<Func<byte[], byte[]>> All => [LieInMessage, LieInAttribute, Repeat, Retype, Shorten, Wrap, MendMessage, Rename];

    /// <summary>nlmsg_len near the truth, or far from it.</summary>
    private byte[] LieInMessage(byte[] input)
    {
        if (input.Length >= MessageHeader)
            BinaryPrimitives.WriteUInt32LittleEndian(input, random.Next(2) == 0 ? (uint)(input.Length + random.Next(-20, 21)) : (uint)bytes.Edge());
        return input;
    }

    private byte[] LieInAttribute(byte[] input)
    {
        if (Attribute(input) is { } at)
        {
            int truth = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(at));
            BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(at), (ushort)(random.Next(2) == 0 ? truth + random.Next(-9, 10) : (int)bytes.Edge()));
        }
        return input;
    }

    private byte[] Repeat(byte[] input) => Attribute(input) is { } at ? Mend([.. input, .. Copy(input, at)]) : input;

    private byte[] Retype(byte[] input)
    {
        if (Attribute(input) is { } at)
            BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(at + 2), (ushort)(random.Next(64) | (random.Next(4) << 14)));
        return input;
    }

    /// <summary>The value loses octets, everything around it stays sound.</summary>
    private byte[] Shorten(byte[] input)
    {
        if (Attribute(input) is not { } at)
            return input;
        byte[] attribute = Copy(input, at);
        int length = Math.Clamp(random.Next(AttributeHeader, attribute.Length + 1), AttributeHeader, ushort.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)length);
        return Mend([.. input[..at], .. attribute[..Math.Min(attribute.Length, (length + 3) & ~3)], .. input[Math.Min(input.Length, at + attribute.Length)..]]);
    }

    /// <summary>An attribute inside one more.</summary>
    private byte[] Wrap(byte[] input)
    {
        if (Attribute(input) is not { } at)
            return input;
        byte[] inner = Copy(input, at);
        byte[] header = new byte[AttributeHeader];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(inner.Length + AttributeHeader));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)random.Next(32));
        return Mend([.. input[..at], .. header, .. inner, .. input[Math.Min(input.Length, at + inner.Length)..]]);
    }

    /// <summary>The length of the only message is right, so that other mutations are reached.</summary>
    private static byte[] MendMessage(byte[] input) => Mend(input);

    /// <summary>Another type of message: the same octets under other eyes.</summary>
    private byte[] Rename(byte[] input)
    {
        if (input.Length >= MessageHeader)
            BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(4), (ushort)random.Next(40));
        return input;
    }

    private static byte[] Mend(byte[] input)
    {
        if (input.Length >= MessageHeader)
            BinaryPrimitives.WriteUInt32LittleEndian(input, (uint)input.Length);
        return input;
    }

    private static byte[] Copy(byte[] input, int at)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(at));
        return input[at..Math.Min(input.Length, at + Math.Max((length + 3) & ~3, AttributeHeader))];
    }

    /// <summary>Where one of the attributes of the first message begins, or of those inside it.</summary>
    private int? Attribute(byte[] input)
    {
        if (input.Length < MessageHeader)
            return null;
        int type = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(4));
        int start = MessageHeader + (type >= 16 && (type - 16) / 4 < FixedHeaders.Length ? FixedHeaders[(type - 16) / 4] : 20);
        var found = new List<int>();
        Walk(start, input.Length, depth: 0);
        return found.Count == 0 ? null : found[random.Next(found.Count)];

        void Walk(int from, int to, int depth)
        {
            for (int at = from, length; at + AttributeHeader <= to; at += (length + 3) & ~3)
            {
                length = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(at));
                if (length < AttributeHeader || at + length > to)
                    return;
                found.Add(at);
                if (depth < 3 && length >= 2 * AttributeHeader)
                    Walk(at + AttributeHeader, at + length, depth + 1);
            }
        }
    }
}
