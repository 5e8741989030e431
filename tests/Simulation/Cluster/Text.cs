using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>Messages in a trace: short enough for one line.</summary>
internal static class Text
{
    public static string Of(SeatProtocol.IRequest request) => request switch
    {
        SeatProtocol.Append append => $"append {append.Epoch} behind {append.Previous}: {append.Entries.Count} entries, question {append.Question}",
        SeatProtocol.Extend extend => $"extend {extend.Epoch} from {extend.From} of {extend.Adopted}: {extend.Entries.Count} entries, roster {extend.Roster}{(extend.Former is null ? "" : $" after {extend.Former}")}",
        SeatProtocol.Piece piece => $"piece {piece.Epoch} {piece.Index + 1}/{piece.Count} of {(piece.Snapshot is { } seq ? $"snapshot {seq}" : "the log")}",
        SeatProtocol.Fetch fetch => $"fetch {fetch.Epoch} {fetch.Index}",
        _ => $"{request.GetType().Name} {request.Epoch}",
    };

    public static string Of(SeatProtocol.IReply reply) => reply switch
    {
        SeatProtocol.Promise promise => $"promise {promise.Epoch}, has {Of(promise.Have)}",
        SeatProtocol.Behind behind => $"behind {behind.Epoch}, has {Of(behind.Have)}",
        SeatProtocol.Nack nack => $"nack {nack.Refused}, promised {nack.Promised}",
        SeatProtocol.Accepted accepted => $"accepted {accepted.Epoch} to {accepted.LastSeq} (base {accepted.BaseSeq}), question {accepted.Question}",
        SeatProtocol.Fetched fetched => $"fetched {fetched.Epoch} {fetched.Index + 1}/{fetched.Count}",
        SeatProtocol.PieceTaken taken => $"taken {taken.Epoch} {taken.Index}",
        _ => reply.GetType().Name,
    };

    private static string Of(SeatSummary have) =>
        $"{have.LogEpoch} {have.BaseSeq}..{have.LastSeq} store {have.Store.ToString()[..4]}, roster {have.Roster}{(have.Former is null ? "" : $" after {have.Former}")}";
}
