using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Simulation.Plan;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>How a seat decides, and how it would with one of the planted mistakes.</summary>
internal static class SeatRules
{
    public static Seat.Decision Decide(Bug bug, Seat seat, SeatProtocol.IRequest request) => bug switch
    {
        Bug.NoEpochCheck when request.Epoch < seat.Promised => (seat with { Promised = request.Epoch }).Decide(request),
        Bug.RepeatedInstall when request is SeatProtocol.Piece { Snapshot: null } && request.Epoch == seat.Log.Epoch && request.Epoch == seat.Promised =>
            Reinstall(seat, request),
        Bug.ExtendKeeps when seat.Decide(request) is { Happened: SeatEvent.Extended extended } decision =>
            decision with { Happened = new SeatEvent.Installed(Keep(seat.Log, extended)) },
        _ => seat.Decide(request),
    };

    private static Seat.Decision Reinstall(Seat seat, SeatProtocol.IRequest request)
    {
        var decision = (seat with { Log = seat.Log with { Epoch = Epoch.None } }).Decide(request);
        return decision with { After = decision.After with { Log = seat.Log } };
    }

    private static LedgerLog Keep(LedgerLog log, SeatEvent.Extended extended) =>
        log.Add(extended.Entries.Where(entry => entry.Seq > log.LastSeq)) with { Epoch = extended.Epoch, Roster = extended.Roster, Former = extended.Former };
}
