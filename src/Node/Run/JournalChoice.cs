using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>Which journal this host's ledger is written to, and whether it can be.</summary>
internal static class JournalChoice
{
    /// <param name="seat">This host's own; null on a plain one.</param>
    /// <returns>Null for a plain host, which writes none.</returns>
    /// <exception cref="StartException">The journal does not go with the seeds, or with what this host has: something would be granted twice.</exception>
    /// <exception cref="UsageException">Something that the journal needs is not given, or is given in vain.</exception>
    public static ILedgerJournal? Of(RunOptions options, SeedList seeds, Seed? seat, List<string> warnings)
    {
        var kind = options.Journal ?? (seeds.Seeds.Count == 1 ? JournalKind.Sqlite : JournalKind.Quorum);
        if (kind == JournalKind.Sqlite && seeds.Seeds.Count > 1)
        {
            throw new StartException(
                $"{seeds.Seeds.Count} seeds with --journal sqlite: a file on each of them would hand out subnets twice; leave it at --journal quorum, give one seed, or a database (--journal postgres)");
        }
        if (options.AdoptLedger && (seat is null || kind != JournalKind.Quorum))
            throw new UsageException("--adopt-ledger: is for a host of the core with --journal quorum, which goes on with the ledger that this host had alone");
        if (seat is null)
            return null;
        var state = new LedgerState(options.StateDirectory);
        var adopted = state.Check(kind, options.AdoptLedger);
        if (options.AdoptLedger && adopted is null)
            warnings.Add("--adopt-ledger: this host has no ledger of its own (any more); take the option away");
        return kind switch
        {
            JournalKind.Postgres => new PostgresJournal(options.JournalConnection ?? throw new UsageException("--journal postgres: a host of the core needs --journal-connection"), state.Mark, options.Network),
            JournalKind.Quorum => new QuorumLedgerJournal(state.Seat, seat.EndPoint.ToString(), seeds, options.Bootstrap, state.Mark) { Brought = adopted, Network = options.Network },
            _ => new SqliteJournal(state.Single),
        };
    }

    /// <exception cref="StartException">The ledger is damaged, a newer release's, or refuses. Nothing of it was changed.</exception>
    public static void Prepare(ILedgerJournal? journal, RunOptions options, List<string> warnings)
    {
        if (options.JournalPasswordIsPublic)
            warnings.Add("--journal-connection: its password stands in the list of processes, which every user of this machine can read; use @FILE or AKKA_OVERLAY_JOURNAL_CONNECTION");
        try
        {
            if (journal?.Prepare() is { } mended)
                warnings.Add(mended);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(e.Message, e);
        }
    }
}
