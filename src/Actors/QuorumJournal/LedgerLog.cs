using System.Collections.Immutable;
using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What the allocator wrote, as its serializer has it: seats never look inside.</summary>
public sealed record Payload(int Serializer, string Manifest, ByteString Bytes);

/// <param name="Seq">From 1, without gaps.</param>
public sealed record LogEntry(long Seq, Payload Payload);

/// <summary>
/// One copy of the ledger's log: a snapshot that stands for everything up to <see cref="BaseSeq"/>, and the entries behind it. Logs of the same epoch are
/// prefixes of one another.
/// </summary>
public sealed record LedgerLog
{
    public static readonly LedgerLog Blank = new();

    /// <summary>The writer that installed this log; <see cref="Epoch.None"/> where none ever did.</summary>
    public Epoch Epoch { get; init; }

    public Roster? Roster { get; init; }

    /// <summary>The roster before, until it is certain that <see cref="Roster"/> is accepted by majorities of both: so long both decide.</summary>
    public Roster? Former { get; init; }

    public long BaseSeq { get; init; }

    /// <summary>Null where nothing was snapshotted yet.</summary>
    public Payload? Snapshot { get; init; }

    public ImmutableList<LogEntry> Entries { get; init; } = [];

    /// <summary>No writer ever installed it. It may have entries all the same, which a seat has brought along.</summary>
    public bool IsBlank => Epoch == Epoch.None;

    public long LastSeq => BaseSeq + Entries.Count;

    /// <summary>The roster that decides, and the former one while that does too.</summary>
    public IEnumerable<Roster> Deciding => new[] { Roster, Former }.OfType<Roster>();

    /// <exception cref="InvalidOperationException">The entry does not follow the last one.</exception>
    public LedgerLog Add(IEnumerable<LogEntry> entries)
    {
        var builder = Entries.ToBuilder();
        foreach (var entry in entries)
        {
            if (entry.Seq != BaseSeq + builder.Count + 1)
                throw new InvalidOperationException($"Entry {entry.Seq} does not follow entry {BaseSeq + builder.Count}.");
            builder.Add(entry);
        }
        return this with { Entries = builder.ToImmutable() };
    }

    /// <summary>Entries behind this sequence number, which must not be lower than <see cref="BaseSeq"/>.</summary>
    public ImmutableList<LogEntry> After(long seq) => seq >= LastSeq ? [] : Entries.GetRange((int)(seq - BaseSeq), (int)(LastSeq - seq));

    /// <summary>Without the entries behind this sequence number.</summary>
    public LedgerLog CutAfter(long seq) => seq >= LastSeq ? this : this with { Entries = Entries.GetRange(0, (int)(seq - BaseSeq)) };

    /// <summary>The snapshot stands for everything up to this sequence number, which is higher than <see cref="BaseSeq"/>.</summary>
    public LedgerLog Compact(long seq, Payload snapshot) => this with { BaseSeq = seq, Snapshot = snapshot, Entries = After(seq) };

    public bool Equals(LedgerLog? other) =>
        other is not null
        && (Epoch, BaseSeq) == (other.Epoch, other.BaseSeq)
        && Roster == other.Roster
        && Former == other.Former
        && Snapshot == other.Snapshot
        && Entries.SequenceEqual(other.Entries);

    public override int GetHashCode() => HashCode.Combine(Epoch, BaseSeq, LastSeq);
}
