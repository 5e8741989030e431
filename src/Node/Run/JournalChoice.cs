using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>Which journal this host's ledger is written to, and whether it can be.</summary>
internal static class JournalChoice
{
    /// <param name="seat">This host's own; null on a plain one.</param>
    /// <returns>Null for a plain host, which writes none.</returns>
    /// <exception cref="StartException">The journal does not go with the seeds: something would be granted twice.</exception>
    /// <exception cref="UsageException">Something that the journal needs is not given.</exception>
    public static ILedgerJournal? Of(RunOptions options, SeedList seeds, Seed? seat)
    {
        var kind = options.Journal ?? (seeds.Seeds.Count == 1 ? JournalKind.Sqlite : JournalKind.Quorum);
        if (kind == JournalKind.Sqlite && seeds.Seeds.Count > 1)
        {
            throw new StartException(
                $"{seeds.Seeds.Count} seeds with --journal sqlite: a file on each of them would hand out subnets twice; leave it at --journal quorum, give one seed, or a database (--journal postgres)");
        }
        return seat is null ? null : kind switch
        {
            JournalKind.Postgres => new PostgresJournal(options.JournalConnection ?? throw new UsageException("--journal postgres: a host of the core needs --journal-connection")),
            JournalKind.Quorum => new QuorumLedgerJournal(Path.Combine(options.StateDirectory, "seat.db"), seat.EndPoint.ToString(), seeds, options.Bootstrap),
            _ => new SqliteJournal(Path.Combine(options.StateDirectory, "ledger.db")),
        };
    }

    /// <exception cref="StartException">The ledger is damaged, a newer release's, or refuses. Nothing of it was changed.</exception>
    public static void Prepare(ILedgerJournal? journal, RunOptions options, List<string> warnings)
    {
        if (options.JournalPasswordIsPublic)
            warnings.Add("--journal-connection: its password stands in the list of processes, which every user of this machine can read; use @FILE or AKKA_OVERLAY_JOURNAL_CONNECTION");
        try
        {
            journal?.Prepare();
            if (journal is QuorumLedgerJournal { SetAside: { } broken })
                warnings.Add($"this host's copy of the ledger was damaged and is kept as {broken}: a new one begins, which counts once the other seats have enrolled it");
        }
        catch (IOException e)
        {
            throw new StartException(e.Message, e);
        }
    }
}
