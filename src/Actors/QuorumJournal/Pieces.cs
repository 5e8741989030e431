using System.Collections.Immutable;
using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What has arrived of something that came in pieces.</summary>
internal sealed record Pieces
{
    public static readonly Pieces None = new();

    private (Guid Transfer, int Count) Of { get; init; }

    private ImmutableDictionary<int, ByteString> Parts { get; init; } = ImmutableDictionary<int, ByteString>.Empty;

    public static int CountOf(ByteString whole, int size) => Math.Max(1, (whole.Length + size - 1) / size);

    public static ByteString Cut(ByteString whole, int index, int size)
    {
        int from = index * size;
        return UnsafeByteOperations.UnsafeWrap(whole.Memory.Slice(from, Math.Min(size, whole.Length - from)));
    }

    /// <summary>A piece of something else begins anew.</summary>
    public Pieces With(SeatProtocol.Piece piece)
    {
        var of = (piece.Transfer, piece.Count);
        return new Pieces { Of = of, Parts = (of == Of ? Parts : Parts.Clear()).SetItem(piece.Index, piece.Bytes) };
    }

    /// <summary>Null while a piece is missing.</summary>
    public ByteString? Whole() => Parts.Count < Of.Count ? null : Join(Parts);

    /// <param name="parts">By index, none missing.</param>
    public static ByteString Join(IReadOnlyDictionary<int, ByteString> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        byte[] whole = new byte[parts.Values.Sum(part => part.Length)];
        int at = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            parts[i].Span.CopyTo(whole.AsSpan(at));
            at += parts[i].Length;
        }
        return UnsafeByteOperations.UnsafeWrap(whole);
    }
}
