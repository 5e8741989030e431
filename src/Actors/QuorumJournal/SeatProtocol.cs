using AkkaOverlay.Actors.Wire;
using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>
/// What the ledger's writer and the seats say to each other. Every message may be lost, doubled, late or out of order; each is repeated until it is answered,
/// and repeating it changes nothing. A seat has on its disk what it says in an answer.
/// </summary>
public static class SeatProtocol
{
    /// <summary>From the writer. Answered by <see cref="Nack"/> where the seat promised a later epoch.</summary>
    public interface IRequest : IOverlayMessage
    {
        Epoch Epoch { get; }
    }

    /// <summary>From a seat.</summary>
    public interface IReply : IOverlayMessage;

    /// <summary>"Take nothing from writers before me, and tell what you have." Answered by <see cref="Promise"/>.</summary>
    public sealed record Prepare(Epoch Epoch) : IRequest;

    public sealed record Promise(Epoch Epoch, SeatSummary Have) : IReply;

    /// <summary>A piece of the seat's log, as <see cref="LogImage"/> writes it. Answered by <see cref="Fetched"/>.</summary>
    /// <param name="Index">From 0.</param>
    public sealed record Fetch(Epoch Epoch, int Index) : IRequest;

    public sealed record Fetched(Epoch Epoch, int Index, int Count, ByteString Bytes) : IReply;

    /// <summary>
    /// A piece of something that is too long for one message. Answered by <see cref="PieceTaken"/>, and by <see cref="Accepted"/> once all are there and what
    /// they make is on the disk.
    /// </summary>
    /// <param name="Snapshot">
    /// Null: the pieces are a whole log, which takes the place of the seat's own. Else: they are a snapshot of the ledger up to this sequence number.
    /// </param>
    /// <param name="Transfer">Pieces of another one do not fit: the log has grown, or its former roster has gone, since that was cut up.</param>
    public sealed record Piece(Epoch Epoch, Guid Transfer, long? Snapshot, int Index, int Count, ByteString Bytes) : IRequest;

    public sealed record PieceTaken(Epoch Epoch, Guid Transfer, int Index) : IReply;

    /// <summary>
    /// What <see cref="Piece"/> does with a whole log, for a seat that has all but the end of it: the seat's log up to <paramref name="From"/>, and these entries behind
    /// it, are the log of <paramref name="Epoch"/>.
    /// </summary>
    /// <param name="Adopted">The epoch of the log that the writer adopted: the seat's own log must be of this epoch too.</param>
    public sealed record Extend(Epoch Epoch, Epoch Adopted, long From, Roster Roster, Roster? Former, EquatableArray<LogEntry> Entries) : IRequest;

    /// <summary>
    /// Entries behind <paramref name="Previous"/>. Without entries: a question whether the seat still follows this writer. Answered by <see cref="Accepted"/>,
    /// or by <see cref="Behind"/>.
    /// </summary>
    /// <param name="Settled">The roster of this epoch is certain: a former one decides no more.</param>
    /// <param name="Question">Comes back in the answer; 0 for none.</param>
    public sealed record Append(Epoch Epoch, long Previous, EquatableArray<LogEntry> Entries, bool Settled, long Question) : IRequest;

    /// <summary>The seat's log is the writer's, up to here, on the disk.</summary>
    /// <param name="BaseSeq">Up to where a snapshot stands for the seat's entries.</param>
    public sealed record Accepted(Epoch Epoch, Guid Store, long BaseSeq, long LastSeq, bool Settled, long Question) : IReply;

    /// <summary>The seat's log is not this writer's, or is too short for the request.</summary>
    public sealed record Behind(Epoch Epoch, SeatSummary Have) : IReply;

    /// <summary>The seat has promised a later epoch.</summary>
    /// <param name="Refused">The epoch of the request.</param>
    public sealed record Nack(Epoch Refused, Epoch Promised) : IReply;
}

/// <summary>What a seat has, without the entries themselves.</summary>
/// <param name="Seeds">The seed list of the seat's host, sorted: founding needs the same on all.</param>
/// <param name="Lost">Of a blank seat: what became of the copy that its host had; null where it never had one.</param>
public sealed record SeatSummary(Guid Store, Epoch LogEpoch, Roster? Roster, Roster? Former, long BaseSeq, long LastSeq, EquatableArray<string> Seeds, string? Lost = null)
{
    public bool IsBlank => LogEpoch == Epoch.None;

    /// <summary>It has the ledger of a core of one, for the founder to go on with.</summary>
    public bool Brings => IsBlank && LastSeq > 0;

    public IEnumerable<Roster> Deciding => new[] { Roster, Former }.OfType<Roster>();
}
