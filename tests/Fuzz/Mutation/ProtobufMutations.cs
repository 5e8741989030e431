namespace AkkaOverlay.Fuzz.Mutation;

/// <summary>What can go wrong with protobuf: lengths that lie, fields that come twice or under another number, varints without an end.</summary>
internal sealed class ProtobufMutations(Random random)
{
    private const int Manifest = 2;

    private readonly ByteMutations bytes = new(random);

    public IReadOnlyList<Func<byte[], byte[]>> All => [WriteVarint, InsertField, RepeatField, Renumber, SwapManifest, Resize];

    private byte[] WriteVarint(byte[] input)
    {
        int at = Inside(input);
        return [.. input[..at], .. Varint(bytes.Edge()), .. input[Math.Min(input.Length, at + 1)..]];
    }

    /// <summary>A field that may or may not be known, of any wire type.</summary>
    private byte[] InsertField(byte[] input)
    {
        int wireType = random.Next(6);
        byte[] value = wireType switch
        {
            0 => Varint(bytes.Edge()),
            1 => BitConverter.GetBytes(bytes.Edge()),
            2 => [.. Varint((ulong)random.Next(20)), .. new byte[random.Next(20)]],
            5 => BitConverter.GetBytes((uint)bytes.Edge()),
            _ => [],
        };
        int at = Inside(input);
        return [.. input[..at], .. Varint((ulong)((random.Next(1, 8) << 3) | wireType)), .. value, .. input[at..]];
    }

    private byte[] RepeatField(byte[] input)
    {
        int start = Inside(input);
        return [.. input, .. input[start..Math.Min(input.Length, start + random.Next(1, 40))]];
    }

    private byte[] Renumber(byte[] input)
    {
        if (input.Length > Manifest)
            input[random.Next(Manifest, input.Length)] = (byte)((random.Next(1, 8) << 3) | random.Next(6));
        return input;
    }

    private byte[] SwapManifest(byte[] input)
    {
        string manifest = Targets.WireTarget.Manifests[random.Next(Targets.WireTarget.Manifests.Count)];
        return [(byte)manifest[0], (byte)manifest[1], .. input[Math.Min(Manifest, input.Length)..]];
    }

    /// <summary>A length byte and what follows it grow or shrink together: sound protobuf with an id or address of another length.</summary>
    private byte[] Resize(byte[] input)
    {
        int at = Inside(input);
        if (at >= input.Length || input[at] > 100 || at + 1 + input[at] > input.Length)
            return input;
        int length = random.Next(0, 40);
        byte[] value = new byte[length];
        input.AsSpan(at + 1, Math.Min(length, input[at])).CopyTo(value);
        return [.. input[..at], (byte)length, .. value, .. input[(at + 1 + input[at])..]];
    }

    private int Inside(byte[] input) => input.Length <= Manifest ? input.Length : random.Next(Manifest, input.Length + 1);

    private static byte[] Varint(ulong value)
    {
        var octets = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            octets.Add((byte)(value | 0x80));
        octets.Add((byte)value);
        return [.. octets];
    }
}
