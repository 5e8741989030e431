using Akka.Actor;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.QuorumJournal;

namespace AkkaOverlay.Node.Api;

/// <summary>Whose copies of the ledger count.</summary>
/// <param name="LastSeq">The ledger's last entry.</param>
public sealed record SeatsModel(IReadOnlyList<SeatModel> Seats, long LastSeq);

/// <param name="Counted">Its disk is the enrolled one.</param>
/// <param name="LastSeq">The last entry that it has for certain; null where it does not follow now.</param>
public sealed record SeatModel(string Seat, bool Counted, long? LastSeq);

/// <param name="Seats">Address and port of each.</param>
public sealed record ChangeSeatsModel(IReadOnlyList<string> Seats);

/// <summary>The seats, or why there is no answer.</summary>
/// <param name="Refused">The ledger's writer has spoken: asking again brings nothing else.</param>
public sealed record SeatsAnswer(SeatsModel? Seats, string? Problem = null, bool Refused = false);

/// <summary>Asks the ledger's writer, which is on one of the core hosts, about the seats.</summary>
internal static class SeatQueries
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Longer than a change of the seats takes with a seat that does not answer.</summary>
    private static readonly TimeSpan ChangePatience = TimeSpan.FromSeconds(9);

    /// <summary>Longer than an allocator waits before it opens the ledger again.</summary>
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(30);

    public static Task<SeatsAnswer> Ask(OverlaySystem overlay, IReadOnlyList<string>? change) => change is null
        ? Ask(overlay, new LedgerWriterProtocol.GetSeats(), Patience)
        : Ask(overlay, new LedgerWriterProtocol.ChangeSeats(change.ToEquatableArray()), ChangePatience);

    /// <summary>Gives up the copies of the ledger that are lost.</summary>
    public static Task<SeatsAnswer> Recover(OverlaySystem overlay) => Ask(overlay, new LedgerWriterProtocol.RecoverLedger(), RecoveryPatience);

    private static async Task<SeatsAnswer> Ask(OverlaySystem overlay, object question, TimeSpan patience)
    {
        var asked = overlay.Cluster.State.Members.Where(member => member.HasRole(OverlaySettings.CoreRole))
            .Select(member => overlay.System.ActorSelection($"{member.Address}/user/{LedgerWriterActor.Name}").Ask<object>(question, patience))
            .ToList();
        // Only the one with the open ledger answers.
        while (asked.Count > 0)
        {
            var first = await Task.WhenAny(asked);
            asked.Remove(first);
            if (!first.IsCompletedSuccessfully)
                continue;
            switch (await first)
            {
                case LedgerWriterProtocol.SeatsAre seats:
                    return new SeatsAnswer(new SeatsModel([.. seats.Seats.Select(seat => new SeatModel(seat.Seat, seat.Counted, seat.LastSeq))], seats.LastSeq));
                case LedgerWriterProtocol.SeatsRefused refused:
                    return new SeatsAnswer(null, refused.Reason, Refused: true);
            }
        }
        return new SeatsAnswer(null, "no core host has the ledger open on seats: it may be looking for a majority, or the ledger is not --journal quorum");
    }
}
