using AkkaOverlay.Actors.QuorumJournal;
using Q = AkkaOverlay.Actors.Wire.Proto.Quorum;

namespace AkkaOverlay.Actors.Wire;

/// <summary>How the quorum journal's messages and a seat's events are written.</summary>
internal static class QuorumFormats
{
    public static readonly MessageFormat[] All =
    [
        MessageFormat.Of<SeatProtocol.Prepare, Q.Prepare>("qp", Q.Prepare.Parser, m => new() { Epoch = m.Epoch.ToProto() }, p => new(p.Epoch.ToDomain())),
        MessageFormat.Of<SeatProtocol.Promise, Q.Promise>("qo", Q.Promise.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Have = m.Have.ToProto() },
            p => new(p.Epoch.ToDomain(), p.Have.ToDomain())),
        MessageFormat.Of<SeatProtocol.Fetch, Q.Fetch>("qf", Q.Fetch.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Index = (uint)m.Index },
            p => new(p.Epoch.ToDomain(), checked((int)p.Index))),
        MessageFormat.Of<SeatProtocol.Fetched, Q.Fetched>("qc", Q.Fetched.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Index = (uint)m.Index, Count = (uint)m.Count, Content = m.Bytes },
            p => new(p.Epoch.ToDomain(), IndexOf(p.Index, p.Count), checked((int)p.Count), p.Content)),
        MessageFormat.Of<SeatProtocol.Piece, Q.Piece>("qi", Q.Piece.Parser, ToProto,
            p => new(p.Epoch.ToDomain(), p.Transfer.ToGuid(), p.HasSnapshot ? p.Snapshot : null, IndexOf(p.Index, p.Count), checked((int)p.Count), p.Content)),
        MessageFormat.Of<SeatProtocol.PieceTaken, Q.PieceTaken>("qk", Q.PieceTaken.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Transfer = m.Transfer.ToProto(), Index = (uint)m.Index },
            p => new(p.Epoch.ToDomain(), p.Transfer.ToGuid(), checked((int)p.Index))),
        MessageFormat.Of<SeatProtocol.Extend, Q.Extend>("qe", Q.Extend.Parser, ToProto,
            p => new(p.Epoch.ToDomain(), p.Adopted.ToDomain(), p.From, p.Roster.ToRoster(), p.Former.ToDomain(), p.Entries.ToDomain())),
        MessageFormat.Of<SeatProtocol.Append, Q.Append>("qa", Q.Append.Parser, ToProto,
            p => new(p.Epoch.ToDomain(), p.Previous, p.Entries.ToDomain(), p.Settled, p.Question)),
        MessageFormat.Of<SeatProtocol.Accepted, Q.Accepted>("qy", Q.Accepted.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Store = m.Store.ToProto(), BaseSeq = m.BaseSeq, LastSeq = m.LastSeq, Settled = m.Settled, Question = m.Question },
            p => new(p.Epoch.ToDomain(), p.Store.ToGuid(), p.BaseSeq, p.LastSeq, p.Settled, p.Question)),
        MessageFormat.Of<SeatProtocol.Behind, Q.Behind>("qb", Q.Behind.Parser,
            m => new() { Epoch = m.Epoch.ToProto(), Have = m.Have.ToProto() },
            p => new(p.Epoch.ToDomain(), p.Have.ToDomain())),
        MessageFormat.Of<SeatProtocol.Nack, Q.Nack>("qn", Q.Nack.Parser,
            m => new() { Refused = m.Refused.ToProto(), Promised = m.Promised.ToProto() },
            p => new(p.Refused.ToDomain(), p.Promised.ToDomain())),

        MessageFormat.Of<LedgerWriterProtocol.GetSeats, Q.GetSeats>("qg", Q.GetSeats.Parser, _ => new(), _ => new()),
        MessageFormat.Of<LedgerWriterProtocol.ChangeSeats, Q.ChangeSeats>("qs", Q.ChangeSeats.Parser,
            m => ToProto(m),
            p => new(p.Seats.ToEquatableArray())),
        MessageFormat.Of<LedgerWriterProtocol.SeatsAre, Q.SeatsAre>("qv", Q.SeatsAre.Parser, ToProto,
            p => new(p.Seats.Select(seat => new SeatView(seat.Seat, seat.Counted, seat.HasLastSeq ? seat.LastSeq : null)).ToEquatableArray(), p.LastSeq)),
        MessageFormat.Of<LedgerWriterProtocol.SeatsRefused, Q.SeatsRefused>("qx", Q.SeatsRefused.Parser, m => new() { Reason = m.Reason }, p => new(p.Reason)),
        MessageFormat.Of<LedgerWriterProtocol.RecoverLedger, Q.RecoverLedger>("qr", Q.RecoverLedger.Parser, _ => new(), _ => new()),

        MessageFormat.Of<SeatEvent.Opened, Q.SeatOpened>("so", Q.SeatOpened.Parser, m => new() { Store = m.Store.ToProto() }, p => new(p.Store.ToGuid())),
        MessageFormat.Of<SeatEvent.Brought, Q.SeatBrought>("sb", Q.SeatBrought.Parser, m => new() { Log = m.Log.ToProto() }, p => new(p.Log.ToDomain())),
        MessageFormat.Of<SeatEvent.Promised, Q.SeatPromised>("sp", Q.SeatPromised.Parser, m => new() { Epoch = m.Epoch.ToProto() }, p => new(p.Epoch.ToDomain())),
        MessageFormat.Of<SeatEvent.Installed, Q.SeatInstalled>("si", Q.SeatInstalled.Parser, m => new() { Log = m.Log.ToProto() }, p => new(p.Log.ToDomain())),
        MessageFormat.Of<SeatEvent.Extended, Q.SeatExtended>("sx", Q.SeatExtended.Parser, ToProto,
            p => new(p.Epoch.ToDomain(), p.From, p.Roster.ToRoster(), p.Former.ToDomain(), p.Entries.ToDomain())),
        MessageFormat.Of<SeatEvent.Appended, Q.SeatAppended>("sa", Q.SeatAppended.Parser, ToProto, p => new(p.Entries.ToDomain(), p.Settled)),
        MessageFormat.Of<SeatEvent.Compacted, Q.SeatCompacted>("sk", Q.SeatCompacted.Parser,
            m => new() { Seq = m.Seq, Snapshot = m.Snapshot.ToProto() },
            p => new(p.Seq, p.Snapshot.ToDomain())),
        MessageFormat.Of<SeatSnapshot, Q.SeatState>("ss", Q.SeatState.Parser,
            m => new() { Store = m.Store.ToProto(), Promised = m.Promised.ToProto(), Log = m.Log.ToProto() },
            p => new(p.Store.ToGuid(), p.Promised.ToDomain(), p.Log.ToDomain())),
    ];

    private static Q.Piece ToProto(SeatProtocol.Piece message)
    {
        var proto = new Q.Piece { Epoch = message.Epoch.ToProto(), Index = (uint)message.Index, Count = (uint)message.Count, Content = message.Bytes, Transfer = message.Transfer.ToProto() };
        if (message.Snapshot is { } seq)
            proto.Snapshot = seq;
        return proto;
    }

    private static Q.Extend ToProto(SeatProtocol.Extend message)
    {
        var proto = new Q.Extend
        {
            Epoch = message.Epoch.ToProto(),
            Adopted = message.Adopted.ToProto(),
            From = message.From,
            Roster = message.Roster.ToProto(),
            Former = message.Former.ToProto(),
        };
        proto.Entries.Add(message.Entries);
        return proto;
    }

    private static Q.Append ToProto(SeatProtocol.Append message)
    {
        var proto = new Q.Append { Epoch = message.Epoch.ToProto(), Previous = message.Previous, Settled = message.Settled, Question = message.Question };
        proto.Entries.Add(message.Entries);
        return proto;
    }

    private static Q.ChangeSeats ToProto(LedgerWriterProtocol.ChangeSeats message)
    {
        var proto = new Q.ChangeSeats();
        proto.Seats.AddRange(message.Seats);
        return proto;
    }

    private static Q.SeatsAre ToProto(LedgerWriterProtocol.SeatsAre message)
    {
        var proto = new Q.SeatsAre { LastSeq = message.LastSeq };
        foreach (var seat in message.Seats)
        {
            var view = new Q.SeatsAre.Types.View { Seat = seat.Seat, Counted = seat.Counted };
            if (seat.LastSeq is { } last)
                view.LastSeq = last;
            proto.Seats.Add(view);
        }
        return proto;
    }

    private static Q.SeatExtended ToProto(SeatEvent.Extended message)
    {
        var proto = new Q.SeatExtended
        {
            Epoch = message.Epoch.ToProto(),
            From = message.From,
            Roster = message.Roster.ToProto(),
            Former = message.Former.ToProto(),
        };
        proto.Entries.Add(message.Entries);
        return proto;
    }

    private static Q.SeatAppended ToProto(SeatEvent.Appended message)
    {
        var proto = new Q.SeatAppended { Settled = message.Settled };
        proto.Entries.Add(message.Entries);
        return proto;
    }

    private static int IndexOf(uint index, uint count) => index < count ? (int)index : throw new FormatException($"Piece {index} of {count} cannot be.");
}
