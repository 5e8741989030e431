using AkkaOverlay.Actors;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.Wire;
using Google.Protobuf;

namespace AkkaOverlay.Fuzz.Targets;

/// <summary>A message of each type of the quorum journal.</summary>
internal static class QuorumSamples
{
    private static readonly Guid Store = Guid.Parse("11111111-2222-3333-4444-555555555555");

    private static readonly Epoch Epoch = new(3, Store);

    private static readonly Roster Roster = new(Store, [new SeatHolder("192.0.2.1:4053", Store), new SeatHolder("[2001:db8::1]:4053", Guid.Empty)]);

    private static readonly Payload Payload = new(5301, "je", ByteString.CopyFrom(1, 2, 3));

    private static readonly EquatableArray<LogEntry> Entries = [new LogEntry(7, Payload), new LogEntry(8, Payload)];

    private static readonly LedgerLog Log = new() { Epoch = Epoch, Roster = Roster, Former = Roster, BaseSeq = 6, Snapshot = Payload, Entries = [.. Entries] };

    private static readonly SeatSummary Summary = new(Store, Epoch, Roster, Roster, 6, 8, ["192.0.2.1:4053"]);

    public static readonly IOverlayMessage[] All =
    [
        new SeatProtocol.Prepare(Epoch),
        new SeatProtocol.Promise(Epoch, Summary),
        new SeatProtocol.Promise(Epoch, new SeatSummary(Store, Epoch.None, null, null, 0, 0, ["192.0.2.1:4053"], "its file is gone")),
        new SeatProtocol.Fetch(Epoch, 2),
        new SeatProtocol.Fetched(Epoch, 2, 3, Payload.Bytes),
        new SeatProtocol.Piece(Epoch, Store, null, 2, 3, Payload.Bytes),
        new SeatProtocol.PieceTaken(Epoch, Store, 2),
        new SeatProtocol.Extend(Epoch, Epoch, 6, Roster, Roster, Entries),
        new SeatProtocol.Append(Epoch, 6, Entries, true, 5),
        new SeatProtocol.Accepted(Epoch, Store, 6, 8, true, 5),
        new SeatProtocol.Behind(Epoch, Summary),
        new SeatProtocol.Nack(Epoch, Epoch),
        new LedgerWriterProtocol.GetSeats(),
        new LedgerWriterProtocol.ChangeSeats(["192.0.2.1:4053"]),
        new LedgerWriterProtocol.SeatsAre([new SeatView("192.0.2.1:4053", true, 8), new SeatView("192.0.2.2:4053", false, null)], 8),
        new LedgerWriterProtocol.SeatsRefused("not now"),
        new LedgerWriterProtocol.RecoverLedger(),
        new SeatEvent.Opened(Store),
        new SeatEvent.Brought(Log),
        new SeatEvent.Promised(Epoch),
        new SeatEvent.Installed(Log),
        new SeatEvent.Extended(Epoch, 6, Roster, Roster, Entries),
        new SeatEvent.Appended(Entries, true),
        new SeatEvent.Compacted(6, Payload),
        new SeatSnapshot(Store, Epoch, Log),
    ];
}
