using System.Collections.Immutable;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.Wire;
using CsCheck;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>Random messages of the quorum journal.</summary>
internal static class QuorumMessageGen
{
    private static readonly Gen<Epoch> Epoch = Gen.Select(Gen.Long, Gen.Guid).Select((round, writer) => new Epoch(round, writer));

    private static readonly Gen<SeatHolder> Holder = Gen.Select(MessageGen.Text, Gen.Guid).Select((seat, store) => new SeatHolder(seat, store));

    private static readonly Gen<Roster> Roster = Gen.Select(Gen.Guid, Holder.Array[1, 5]).Select((ledger, holders) => new Roster(ledger, holders.ToEquatableArray()));

    private static readonly Gen<ByteString> Bytes = Gen.Byte.Array[0, 40].Select(bytes => ByteString.CopyFrom(bytes));

    private static readonly Gen<Payload> Payload = Gen.Select(Gen.Int, MessageGen.Text, Bytes).Select((serializer, manifest, bytes) => new Payload(serializer, manifest, bytes));

    private static readonly Gen<EquatableArray<LogEntry>> Entries = Gen.Select(Gen.Long[1, 1000], Payload.Array[0, 4])
        .Select((first, payloads) => payloads.Select((payload, i) => new LogEntry(first + i, payload)).ToEquatableArray());

    private static readonly Gen<LedgerLog> Log = Gen.Select(Epoch, Roster.Null(), Roster.Null(), Payload.Null(), Entries).Select((epoch, roster, former, snapshot, entries) => new LedgerLog
    {
        Epoch = epoch,
        Roster = roster,
        Former = former,
        Snapshot = snapshot,
        BaseSeq = entries.Count > 0 ? entries[0].Seq - 1 : 0,
        Entries = entries.ToImmutableList(),
    });

    private static readonly Gen<SeatSummary> Summary = Gen.Select(Gen.Guid, Epoch, Roster, Roster.Null(), Gen.Long, Gen.Select(Gen.Long, MessageGen.Text), MessageGen.Text.Array[0, 5])
        .Select((store, epoch, roster, former, from, rest, seeds) =>
            new SeatSummary(store, epoch, roster, former, from, rest.Item1, seeds.ToEquatableArray(), rest.Item2.Length > 0 ? rest.Item2 : null));

    private static readonly Gen<(int Index, int Count)> Part = Gen.Int[0, 400].SelectMany(index => Gen.Int[index + 1, 500].Select(count => (index, count)));

    private static readonly Gen<SeatView> View = Gen.Select(MessageGen.Text, Gen.Bool, Gen.Long.Nullable()).Select((seat, counted, last) => new SeatView(seat, counted, last));

    public static readonly Gen<IOverlayMessage>[] ByType =
    [
        Epoch.Select(epoch => (IOverlayMessage)new SeatProtocol.Prepare(epoch)),
        Gen.Select(Epoch, Summary).Select((epoch, have) => (IOverlayMessage)new SeatProtocol.Promise(epoch, have)),
        Gen.Select(Epoch, Gen.Int[0, 1000]).Select((epoch, index) => (IOverlayMessage)new SeatProtocol.Fetch(epoch, index)),
        Gen.Select(Epoch, Part, Bytes).Select((epoch, part, bytes) => (IOverlayMessage)new SeatProtocol.Fetched(epoch, part.Index, part.Count, bytes)),
        Gen.Select(Epoch, Gen.Guid, Gen.Long.Nullable(), Part, Bytes)
            .Select((epoch, transfer, snapshot, part, bytes) => (IOverlayMessage)new SeatProtocol.Piece(epoch, transfer, snapshot, part.Index, part.Count, bytes)),
        Gen.Select(Epoch, Gen.Guid, Gen.Int[0, 1000]).Select((epoch, transfer, index) => (IOverlayMessage)new SeatProtocol.PieceTaken(epoch, transfer, index)),
        Gen.Select(Epoch, Epoch, Gen.Long, Roster, Roster.Null(), Entries)
            .Select((epoch, adopted, from, roster, former, entries) => (IOverlayMessage)new SeatProtocol.Extend(epoch, adopted, from, roster, former, entries)),
        Gen.Select(Epoch, Gen.Long, Entries, Gen.Bool, Gen.Long)
            .Select((epoch, previous, entries, settled, question) => (IOverlayMessage)new SeatProtocol.Append(epoch, previous, entries, settled, question)),
        Gen.Select(Epoch, Gen.Guid, Gen.Long, Gen.Long, Gen.Bool, Gen.Long)
            .Select((epoch, store, from, last, settled, question) => (IOverlayMessage)new SeatProtocol.Accepted(epoch, store, from, last, settled, question)),
        Gen.Select(Epoch, Summary).Select((epoch, have) => (IOverlayMessage)new SeatProtocol.Behind(epoch, have)),
        Gen.Select(Epoch, Epoch).Select((refused, promised) => (IOverlayMessage)new SeatProtocol.Nack(refused, promised)),
        Gen.Const<IOverlayMessage>(new LedgerWriterProtocol.GetSeats()),
        MessageGen.Text.Array[0, 5].Select(seats => (IOverlayMessage)new LedgerWriterProtocol.ChangeSeats(seats.ToEquatableArray())),
        Gen.Select(View.Array[0, 5], Gen.Long).Select((seats, last) => (IOverlayMessage)new LedgerWriterProtocol.SeatsAre(seats.ToEquatableArray(), last)),
        MessageGen.Text.Select(reason => (IOverlayMessage)new LedgerWriterProtocol.SeatsRefused(reason)),
        Gen.Const<IOverlayMessage>(new LedgerWriterProtocol.RecoverLedger()),
        Log.Select(log => (IOverlayMessage)new SeatEvent.Brought(log)),
        Gen.Guid.Select(store => (IOverlayMessage)new SeatEvent.Opened(store)),
        Epoch.Select(epoch => (IOverlayMessage)new SeatEvent.Promised(epoch)),
        Log.Select(log => (IOverlayMessage)new SeatEvent.Installed(log)),
        Gen.Select(Epoch, Gen.Long, Roster, Roster.Null(), Entries)
            .Select((epoch, from, roster, former, entries) => (IOverlayMessage)new SeatEvent.Extended(epoch, from, roster, former, entries)),
        Gen.Select(Entries, Gen.Bool).Select((entries, settled) => (IOverlayMessage)new SeatEvent.Appended(entries, settled)),
        Gen.Select(Gen.Long, Payload).Select((seq, snapshot) => (IOverlayMessage)new SeatEvent.Compacted(seq, snapshot)),
        Gen.Select(Gen.Guid, Epoch, Log).Select((store, promised, log) => (IOverlayMessage)new SeatSnapshot(store, promised, log)),
    ];
}
