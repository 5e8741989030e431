using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>No ledger is begun beside another one that this host has: it would hand out what that one has granted.</summary>
public sealed class JournalChoiceSpecs : IDisposable
{
    private static readonly Guid Ledger = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("akka-overlay-state-");
    private readonly List<string> warnings = [];

    private string Single => Path.Combine(state.FullName, "ledger.db");

    private string Seat => Path.Combine(state.FullName, "seat.db");

    private LedgerMarkFile Mark => new(state.FullName);

    public void Dispose() => state.Delete(recursive: true);

    [Fact]
    public void An_empty_state_directory_takes_any_journal()
    {
        Assert.IsType<SqliteJournal>(Of(1));
        Assert.IsType<QuorumLedgerJournal>(Of(3));
        Assert.IsType<PostgresJournal>(Of(3, JournalKind.Postgres));
        Assert.Empty(warnings);
        Assert.Empty(state.GetFiles());
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(1, JournalKind.Quorum)]
    [InlineData(1, JournalKind.Postgres)]
    public void The_ledger_of_a_core_of_one_is_not_left_for_another(int seeds, JournalKind? kind)
    {
        Fill();
        string why = Assert.Throws<StartException>(() => Of(seeds, kind)).Message;
        Assert.Contains($"({Single}, 1 entries)", why, StringComparison.Ordinal);
        Assert.Contains(kind == JournalKind.Postgres ? "the only --seed again" : "--adopt-ledger", why, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', why);
        Assert.IsType<SqliteJournal>(Of(1));
    }

    [Fact]
    public void It_is_carried_over_where_an_operator_says_so()
    {
        Fill();
        var journal = Assert.IsType<QuorumLedgerJournal>(Of(3, adopt: true));
        Assert.Equal(1, journal.Brought!.Log.LastSeq);
        Assert.Empty(warnings);

        // The option left where it is does nothing more.
        foreach (string file in Directory.GetFiles(state.FullName))
            File.Delete(file);
        Assert.Null(Assert.IsType<QuorumLedgerJournal>(Of(3, adopt: true)).Brought);
        Assert.Contains("take the option away", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_not_carried_over_into_a_ledger_that_this_host_has_a_seat_of()
    {
        Fill();
        Mark.Keep(new LedgerIdentity(LedgerIdentity.Quorum, Ledger));
        Assert.Contains($"it has a seat of another one already ({Mark.Path})", Assert.Throws<StartException>(() => Of(3, adopt: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_which_nothing_was_granted_stands_in_nobodys_way()
    {
        new SqliteJournal(Single).Prepare();
        Assert.IsType<QuorumLedgerJournal>(Of(3));
    }

    [Fact]
    public void A_damaged_ledger_of_a_core_of_one_is_named_and_not_left()
    {
        File.WriteAllText(Single, new string('x', 5000));
        Assert.Contains($"{Single} is damaged", Assert.Throws<StartException>(() => Of(3, adopt: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(3, JournalKind.Postgres)]
    public void A_seat_is_not_left_for_another_journal_and_one_that_was_lost_neither(int seeds, JournalKind? kind)
    {
        File.WriteAllText(Seat, "whatever it is");
        Assert.Contains(Seat, Assert.Throws<StartException>(() => Of(seeds, kind)).Message, StringComparison.Ordinal);
        File.Delete(Seat);
        Mark.Lose();
        Assert.Contains(Mark.Path, Assert.Throws<StartException>(() => Of(seeds, kind)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_database_is_not_left_for_a_file(int seeds)
    {
        Mark.Keep(new LedgerIdentity(LedgerIdentity.Postgres, Ledger));
        Assert.Contains("this host's ledger is in a database", Assert.Throws<StartException>(() => Of(seeds)).Message, StringComparison.Ordinal);
        Assert.Equal(new LedgerIdentity(LedgerIdentity.Postgres, Ledger), Of(seeds, JournalKind.Postgres)!.Identity);
    }

    [Fact]
    public void A_mark_that_cannot_be_read_is_named()
    {
        File.WriteAllText(Mark.Path, "quorum");
        Assert.Contains(Mark.Path, Assert.Throws<StartException>(() => Of(3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_seat_of_a_quorum_adopts() => Assert.Contains("--adopt-ledger", Assert.Throws<UsageException>(() => Of(1, adopt: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_plain_host_has_no_journal_and_nothing_is_looked_at()
    {
        Fill();
        var seeds = Seeds(3);
        Assert.Null(JournalChoice.Of(Options(null, adopt: false), seeds, null, warnings));
    }

    private ILedgerJournal? Of(int seeds, JournalKind? kind = null, bool adopt = false)
    {
        var list = Seeds(seeds);
        return JournalChoice.Of(Options(kind, adopt), list, list.Seeds[0], warnings);
    }

    private static SeedList Seeds(int count) => SeedList.Of(Enumerable.Range(1, count).Select(number => new Seed($"192.0.2.{number}", IPAddress.Parse($"192.0.2.{number}"), 4053)));

    private RunOptions Options(JournalKind? kind, bool adopt) => new()
    {
        Seeds = [],
        SubnetFile = "",
        NodeName = "h1",
        StateDirectory = state.FullName,
        Journal = kind,
        JournalConnection = PostgresConnection.Parse("Host=db1"),
        AdoptLedger = adopt,
    };

    /// <summary>A ledger with one event.</summary>
    private void Fill()
    {
        new SqliteJournal(Single).Prepare();
        using var connection = new SqliteConnection($"Data Source={Single};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE journal (persistence_id TEXT, sequence_number INTEGER, message BLOB, manifest TEXT, identifier INTEGER);
            INSERT INTO journal VALUES ('subnet-allocator', 1, x'00', 'je', 5301)
            """;
        command.ExecuteNonQuery();
    }
}
