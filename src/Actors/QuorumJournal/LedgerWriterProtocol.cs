using Akka.Actor;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What this host's journal plugins, and operators on any host, ask of <see cref="LedgerWriterActor"/>.</summary>
public static class LedgerWriterProtocol
{
    // Inside one process. Where it does not work out, the answer is a Status.Failure.

    /// <summary>Answered by <see cref="LedgerOpened"/>.</summary>
    public sealed record OpenLedger
    {
        public static readonly OpenLedger Instance = new();
    }

    public sealed record LedgerOpened(LedgerLog Log);

    /// <summary>Answered by <see cref="Done"/> once a majority has them.</summary>
    public sealed record AppendEntries(IReadOnlyList<LogEntry> Entries);

    /// <summary>Answered by <see cref="Done"/> once a majority has it.</summary>
    public sealed record CompactLedger(long Seq, Payload Snapshot);

    /// <summary>Answered by a <see cref="Holds"/>.</summary>
    public sealed record ConfirmLedger(long Revision);

    /// <param name="Still">False: another writer has taken over.</param>
    public sealed record Holds(bool Still);

    /// <summary>The allocator of this host has ended: its writer must disturb nobody any more.</summary>
    public sealed record ReleaseLedger
    {
        public static readonly ReleaseLedger Instance = new();
    }

    public sealed record Done
    {
        public static readonly Done Instance = new();
    }

    // Across the network.

    /// <summary>Who decides? Answered by <see cref="SeatsAre"/> where the ledger is open, by nobody elsewhere.</summary>
    public sealed record GetSeats : IOverlayMessage;

    /// <summary>These seats shall decide from now on. Answered by <see cref="SeatsAre"/> or <see cref="SeatsRefused"/> where the ledger is open, by nobody elsewhere.</summary>
    public sealed record ChangeSeats(EquatableArray<string> Seats) : IOverlayMessage;

    /// <summary>
    /// An operator gives up the copies that are lost: see <see cref="LedgerWriter.MayRecover"/>. Answered by <see cref="SeatsAre"/> where the ledger is opened
    /// next, by <see cref="SeatsRefused"/> where it cannot be or is open, by nobody elsewhere.
    /// </summary>
    public sealed record RecoverLedger : IOverlayMessage;

    public sealed record SeatsAre(EquatableArray<SeatView> Seats, long LastSeq) : IOverlayMessage;

    public sealed record SeatsRefused(string Reason) : IOverlayMessage;
}

/// <summary>One seat, as the ledger's writer sees it.</summary>
/// <param name="Counted">Its disk is the enrolled one.</param>
/// <param name="LastSeq">The last entry that it has for certain; null where it does not follow.</param>
public sealed record SeatView(string Seat, bool Counted, long? LastSeq);
