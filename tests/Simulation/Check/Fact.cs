using System.Buffers.Binary;
using AkkaOverlay.Actors.QuorumJournal;
using Google.Protobuf;

namespace AkkaOverlay.Simulation.Check;

internal enum FactKind : byte
{
    Network,
    Granted,
    Changed,
    Released,
    Expired,
    QuarantineOver,
}

/// <summary>One entry of the ledger as the checker understands it, and as the simulation writes it into the journal.</summary>
/// <param name="Subnet">Its place in the pool.</param>
/// <param name="Address">The host's own.</param>
internal readonly record struct Fact(FactKind Kind, Guid Owner, int Subnet, long Generation, int Address)
{
    private const int Size = 33;

    /// <summary>The leases themselves are the snapshot: every entry so far, so that the checker sees whether one is missing.</summary>
    public static Payload Snapshot(IReadOnlyList<Fact> facts)
    {
        byte[] bytes = new byte[facts.Count * Size];
        for (int i = 0; i < facts.Count; i++)
            facts[i].Write(bytes.AsSpan(i * Size, Size));
        return new Payload(1, "all", UnsafeByteOperations.UnsafeWrap(bytes));
    }

    public Payload ToPayload()
    {
        byte[] bytes = new byte[Size];
        Write(bytes);
        return new Payload(1, "one", UnsafeByteOperations.UnsafeWrap(bytes));
    }

    public static Fact Of(LogEntry entry) => Read(entry.Payload.Bytes.Span);

    /// <summary>A whole log, from the first entry on.</summary>
    public static List<Fact> All(LedgerLog log)
    {
        var facts = new List<Fact>((int)log.LastSeq);
        if (log.Snapshot is { } snapshot)
        {
            var bytes = snapshot.Bytes.Span;
            for (int at = 0; at < bytes.Length; at += Size)
                facts.Add(Read(bytes.Slice(at, Size)));
        }
        facts.AddRange(log.Entries.Select(Of));
        return facts;
    }

    public override string ToString() => Kind switch
    {
        FactKind.Network => "network",
        FactKind.Released or FactKind.Expired => $"{(Kind == FactKind.Released ? "released" : "expired")} {Owner.ToString()[..4]} gen {Generation}",
        FactKind.QuarantineOver => $"quarantine of subnet {Subnet} over",
        _ => $"{(Kind == FactKind.Granted ? "granted" : "changed")} {Owner.ToString()[..4]} subnet {Subnet} gen {Generation} at {Address}",
    };

    private void Write(Span<byte> to)
    {
        to[0] = (byte)Kind;
        Owner.TryWriteBytes(to[1..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[17..], Subnet);
        BinaryPrimitives.WriteInt64LittleEndian(to[21..], Generation);
        BinaryPrimitives.WriteInt32LittleEndian(to[29..], Address);
    }

    private static Fact Read(ReadOnlySpan<byte> from) => new(
        (FactKind)from[0],
        new Guid(from.Slice(1, 16)),
        BinaryPrimitives.ReadInt32LittleEndian(from[17..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[21..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[29..]));
}
