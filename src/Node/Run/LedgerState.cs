using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>What a core host's state directory knows of ledgers. A ledger that is begun beside another one hands out what that one has granted.</summary>
internal sealed class LedgerState(string directory)
{
    /// <summary>The ledger of a core of one.</summary>
    public string Single { get; } = Path.Combine(directory, "ledger.db");

    /// <summary>This host's copy of the quorum's.</summary>
    public string Seat { get; } = Path.Combine(directory, "seat.db");

    public LedgerMarkFile Mark { get; } = new(directory);

    /// <summary>Looks only.</summary>
    /// <param name="adopt">The ledger that this host had alone shall become the quorum's.</param>
    /// <returns>The ledger to be adopted; null where there is none.</returns>
    /// <exception cref="StartException">This host has another ledger than this kind of journal writes; one line that says what to do.</exception>
    public SingleLedger? Check(JournalKind wanted, bool adopt)
    {
        try
        {
            string kind = wanted.ToString().ToLowerInvariant();
            var mark = Mark.Current;
            if (wanted != JournalKind.Quorum && (File.Exists(Seat) || mark?.Of.Kind == LedgerIdentity.Quorum))
            {
                throw new StartException(
                    $"this host has a seat of a ledger on several ({(File.Exists(Seat) ? Seat : Mark.Path)}), and --journal {kind} would begin another ledger beside it: give the whole --seed list again; to give that ledger up, move {Seat}* and {Mark.Path} away");
            }
            if (wanted != JournalKind.Postgres && mark?.Of.Kind == LedgerIdentity.Postgres)
                throw new StartException($"this host's ledger is in a database ({Mark.Path}), and --journal {kind} would begin another one beside it: give --journal postgres again; to give that ledger up, move {Mark.Path} away");
            if (wanted == JournalKind.Sqlite || SingleLedger.Find(Single) is not { } single)
                return null;
            if (wanted == JournalKind.Quorum && mark is null && adopt)
                return single;
            string way = wanted != JournalKind.Quorum ? "give this host as the only --seed again"
                : mark is null ? "start it once with --adopt-ledger, which carries its leases over (docs/seed-list.md), or give this host as the only --seed again"
                : $"it has a seat of another one already ({Mark.Path})";
            throw new StartException($"this host has a ledger of its own ({Single}, {single.Log.LastSeq} entries), and --journal {kind} would begin another one beside it: {way}; to give its leases up, move {Single}* away");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StartException(e.Message, e);
        }
    }
}
