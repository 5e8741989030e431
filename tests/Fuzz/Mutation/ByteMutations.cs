namespace AkkaOverlay.Fuzz.Mutation;

/// <summary>What can go wrong with any bytes.</summary>
internal sealed class ByteMutations(Random random)
{
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 127, 128, 129, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000,
        0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
    ];

    public IReadOnlyList<Func<byte[], byte[]>> All => [FlipBits, OverwriteRandomly, WriteEdge, Truncate, Remove, Repeat, Insert];

    public ulong Edge() => Edges[random.Next(Edges.Length)];

    /// <summary>The beginning of one input and the end of another.</summary>
    public byte[] Splice(byte[] input, byte[] other) => [.. input[..At(input)], .. other[At(other)..]];

    private byte[] FlipBits(byte[] input)
    {
        for (int flips = random.Next(1, 5); flips > 0 && input.Length > 0; flips--)
            input[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
        return input;
    }

    private byte[] OverwriteRandomly(byte[] input)
    {
        int start = At(input);
        random.NextBytes(input.AsSpan(start, Math.Min(random.Next(1, 17), input.Length - start)));
        return input;
    }

    private byte[] WriteEdge(byte[] input)
    {
        int width = 1 << random.Next(4);
        byte[] edge = BitConverter.GetBytes(Edge())[..width];
        if (random.Next(4) == 0)
            Array.Reverse(edge);
        if (input.Length >= width)
            edge.CopyTo(input, random.Next((input.Length - width) / width + 1) * width);
        return input;
    }

    private byte[] Truncate(byte[] input) => input[..At(input)];

    private byte[] Remove(byte[] input)
    {
        var (start, end) = Range(input);
        return [.. input[..start], .. input[end..]];
    }

    private byte[] Repeat(byte[] input)
    {
        var (start, end) = Range(input);
        byte[] piece = input[start..end];
        int times = random.Next(50) == 0 ? random.Next(2, 300) : random.Next(1, 4);
        return [.. input[..start], .. Enumerable.Repeat(piece, times).SelectMany(octets => octets), .. input[start..]];
    }

    private byte[] Insert(byte[] input)
    {
        byte[] piece = new byte[random.Next(1, 33)];
        if (random.Next(2) == 0)
            random.NextBytes(piece);
        int start = At(input);
        return [.. input[..start], .. piece, .. input[start..]];
    }

    private int At(byte[] input) => random.Next(input.Length + 1);

    private (int Start, int End) Range(byte[] input)
    {
        int start = At(input);
        return (start, start + random.Next(Math.Min(input.Length - start, 64) + 1));
    }
}
