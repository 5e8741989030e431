using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>Which journal this host's ledger is written to, and whether it can be.</summary>
internal static class JournalChoice
{
    /// <returns>Null for a plain host, which writes none.</returns>
    /// <exception cref="StartException">The journal does not go with the seeds: something would be granted twice.</exception>
    /// <exception cref="UsageException">Something that the journal needs is not given.</exception>
    public static ILedgerJournal? Of(RunOptions options, SeedList seeds, bool isCore)
    {
        if (options.Journal == JournalKind.Sqlite && seeds.Seeds.Count > 1)
        {
            throw new StartException(
                $"{seeds.Seeds.Count} seeds with --journal sqlite: a file on each of them would hand out subnets twice; give one seed, or a database (--journal postgres)");
        }
        return !isCore ? null : options.Journal switch
        {
            JournalKind.Postgres => new PostgresJournal(options.JournalConnection ?? throw new UsageException("--journal postgres: a host of the core needs --journal-connection")),
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
        }
        catch (IOException e)
        {
            throw new StartException(e.Message, e);
        }
    }
}
