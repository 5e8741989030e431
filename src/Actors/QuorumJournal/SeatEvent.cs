using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What a seat has on its disk: these events, one after another, make its state.</summary>
public abstract record SeatEvent : IOverlayMessage
{
    private SeatEvent()
    {
    }

    /// <summary>The file is new.</summary>
    public sealed record Opened(Guid Store) : SeatEvent;

    /// <summary>A ledger of another journal, for the founder to go on with: the log has no epoch.</summary>
    public sealed record Brought(LedgerLog Log) : SeatEvent;

    public sealed record Promised(Epoch Epoch) : SeatEvent;

    /// <summary>The log was replaced as a whole.</summary>
    public sealed record Installed(LedgerLog Log) : SeatEvent;

    /// <summary>Behind <paramref name="From"/> the log is this now, and it is of another epoch.</summary>
    public sealed record Extended(Epoch Epoch, long From, Roster Roster, Roster? Former, EquatableArray<LogEntry> Entries) : SeatEvent;

    /// <param name="Settled">The former roster is out of office.</param>
    public sealed record Appended(EquatableArray<LogEntry> Entries, bool Settled) : SeatEvent;

    public sealed record Compacted(long Seq, Payload Snapshot) : SeatEvent;
}

/// <summary>A seat's whole state, for the seat's own snapshots.</summary>
public sealed record SeatSnapshot(Guid Store, Epoch Promised, LedgerLog Log) : IOverlayMessage;
