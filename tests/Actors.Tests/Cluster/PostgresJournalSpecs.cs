using System.Diagnostics;
using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Tests;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>The ledger in a real PostgreSQL: what it refuses, what it survives, and what its fence knows.</summary>
public sealed class PostgresJournalSpecs(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private const string Insert = "INSERT INTO akka_overlay.journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid) ";

    [Fact]
    public async Task Leases_outlive_the_process_and_the_tables_are_made_once()
    {
        string database = await postgres.NewDatabaseAsync();
        // Two core hosts that begin at the same instant.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => postgres.Journal(database).Prepare())));
        Assert.Equal(1, await postgres.Server.AskAsync<long>("SELECT count(*) FROM akka_overlay.ledger", database));
        Actors.Leases.Lease? before;
        await using (var first = new AllocatorProcess(postgres.Journal(database)))
            before = await first.Claim(1);
        var journal = postgres.Journal(database);
        // The fence needs to know the ledger; a node knows it before it has an allocator.
        journal.Prepare();
        await using var second = new AllocatorProcess(journal);
        Assert.NotNull(before);
        Assert.Equal(before, await second.Claim(1));
        Assert.Equal("10.244.2.0/24", (await second.Claim(2))?.Subnets.ToString());
    }

    [Theory]
    [InlineData("Password=wrong", "password authentication failed for user \"overlay\"")]
    [InlineData("Password=", "No password has been provided")]
    [InlineData("Database=nowhere", "database \"nowhere\" does not exist")]
    [InlineData("SSL Mode=Require", "SSL")]
    public async Task What_waiting_would_not_mend_is_refused_in_one_line_without_the_password(string change, string expected)
    {
        string database = await postgres.NewDatabaseAsync();
        var journal = new PostgresJournal(PostgresConnection.Parse($"{postgres.Server.ConnectionString(database, overTcp: true)};{change}"));
        string message = Assert.Throws<IOException>(() => journal.Prepare()).Message;
        output.WriteLine(message);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE akka_overlay.ledger SET format = 2", "format 2, written by a newer release; this one knows formats up to 1")]
    [InlineData("DELETE FROM akka_overlay.ledger", "has lost its row")]
    [InlineData("ALTER ROLE overlay IN DATABASE {0} SET synchronous_commit = off", "a power cut would take leases")]
    public async Task A_ledger_that_is_not_for_this_release_or_not_safe_is_refused(string made, string expected)
    {
        string database = await postgres.NewDatabaseAsync();
        postgres.Journal(database).Prepare();
        await postgres.Server.ExecuteAsync(database, string.Format(System.Globalization.CultureInfo.InvariantCulture, made, database));
        Npgsql.NpgsqlConnection.ClearAllPools();
        Assert.Contains(expected, Assert.Throws<IOException>(() => postgres.Journal(database).Prepare()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_network_needs_a_database_of_its_own()
    {
        Assert.True(NetworkName.TryParse("red", out var red));
        Assert.True(NetworkName.TryParse("blue", out var blue));
        string database = await postgres.NewDatabaseAsync();
        PostgresJournal Of(NetworkName network, string where) => new(PostgresConnection.Parse(postgres.Server.ConnectionString(where)), network: network);
        Of(red, database).Prepare();
        Of(red, database).Prepare();
        Assert.EndsWith("it has the ledger of network 'red', not of network 'blue': give each network a database of its own", Assert.Throws<IOException>(() => Of(blue, database).Prepare()).Message, StringComparison.Ordinal);
        Assert.Contains("not of the default network", Assert.Throws<IOException>(() => Of(NetworkName.Default, database).Prepare()).Message, StringComparison.Ordinal);
        string plain = await postgres.NewDatabaseAsync();
        Of(NetworkName.Default, plain).Prepare();
        Assert.Contains("it has the ledger of the default network, not of network 'blue'", Assert.Throws<IOException>(() => Of(blue, plain).Prepare()).Message, StringComparison.Ordinal);
    }

    /// <summary>A process that has worked with a ledger does not take a blank database, or another ledger, for it.</summary>
    [Theory]
    [InlineData("DROP SCHEMA akka_overlay CASCADE", "the ledger is gone from it")]
    [InlineData("UPDATE akka_overlay.ledger SET id = gen_random_uuid()", "another ledger than before")]
    public async Task Another_database_behind_the_same_name_is_noticed(string made, string expected)
    {
        string database = await postgres.NewDatabaseAsync();
        var journal = postgres.Journal(database);
        journal.Prepare();
        await postgres.Server.ExecuteAsync(database, made);
        Assert.Contains(expected, Assert.Throws<IOException>(() => journal.Prepare()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Which_ledger_a_host_has_is_known_over_its_restart()
    {
        var (one, other) = (await postgres.NewDatabaseAsync(), await postgres.NewDatabaseAsync());
        var state = Directory.CreateTempSubdirectory("akka-overlay-postgres-mark-");
        var first = Of(one);
        Assert.Null(first.Identity.Id);
        first.Prepare();
        Assert.Equal(first.Identity, Of(one).Identity);
        Of(one).Prepare();
        Assert.Contains($"the ledger is gone from it (no table akka_overlay.ledger): restore it; where a new one is meant, delete {state.FullName}/ledger-id", Assert.Throws<IOException>(() => Of(other).Prepare()).Message, StringComparison.Ordinal);
        postgres.Journal(other).Prepare();
        Assert.Contains("another ledger than before", Assert.Throws<IOException>(() => Of(other).Prepare()).Message, StringComparison.Ordinal);
        state.Delete(recursive: true);

        PostgresJournal Of(string database) => new(PostgresConnection.Parse(postgres.Server.ConnectionString(database)), new LedgerMarkFile(state.FullName));
    }

    [Fact]
    public async Task The_fence_holds_until_another_has_written_or_the_database_has_lost_its_end()
    {
        string database = await postgres.NewDatabaseAsync();
        var journal = postgres.Journal(database);
        journal.Prepare();
        await using var one = new AllocatorProcess(journal);
        var fence = new PostgresFence(PostgresConnection.Parse(postgres.Server.ConnectionString(database)), () => journal.Known);
        Assert.NotNull(await one.Claim(1));
        long revision = await one.Revision();
        Assert.True(await fence.HoldsAsync(revision));

        await using (var other = new AllocatorProcess(postgres.Journal(database)))
            Assert.NotNull(await other.Claim(2));
        Assert.False(await fence.HoldsAsync(revision));

        await postgres.Server.ExecuteAsync(database, $"DELETE FROM akka_overlay.journal WHERE sequence_number >= {revision}");
        Assert.False(await fence.HoldsAsync(revision));
        // And what remembers more than the database has cannot write on behind the gap.
        Assert.Null(await one.ClaimUnlessStopped(3));
        Assert.Equal(revision - 1, await postgres.Server.AskAsync<long>("SELECT max(sequence_number) FROM akka_overlay.journal", database));
    }

    [Fact]
    public async Task A_fence_asked_often_leaves_no_connections_behind()
    {
        string database = await postgres.NewDatabaseAsync();
        var journal = postgres.Journal(database);
        journal.Prepare();
        var fence = new PostgresFence(PostgresConnection.Parse(postgres.Server.ConnectionString(database)), () => null);
        for (int i = 0; i < 100; i++)
            await fence.HoldsAsync(0);
        long open = await postgres.Server.AskAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'akka-overlay'");
        output.WriteLine($"measured: {open} connections after 100 questions of the fence");
        Assert.InRange(open, 1, 4);
    }

    /// <summary>Events that a newer release might have written: a member of the oneof, and a manifest, that this one does not know.</summary>
    [Theory]
    [InlineData("'\\x7a00'", "je", "an event that this release does not know: it was written by a newer one")]
    [InlineData("''", "je", "an event that this release does not know: it was written by a newer one")]
    [InlineData("'\\x00'", "jz", "Unknown manifest 'jz': written by a newer release")]
    public async Task An_event_that_only_a_newer_release_knows_stops_the_allocator(string message, string manifest, string expected)
    {
        string database = await postgres.NewDatabaseAsync();
        postgres.Journal(database).Prepare();
        await using (var first = new AllocatorProcess(postgres.Journal(database)))
            Assert.NotNull(await first.Claim(1));
        await postgres.Server.ExecuteAsync(database, $"{Insert} VALUES (0, false, 'subnet-allocator', 3, {message}, '{manifest}', 5301, 'w')");
        await using var second = new AllocatorProcess(postgres.Journal(database));
        Assert.Null(await second.ClaimUnlessStopped(2));
        string line = await second.HasSaid("The ledger cannot be read");
        output.WriteLine(line);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(3, await postgres.Server.AskAsync<long>("SELECT count(*) FROM akka_overlay.journal", database));
    }

    [Fact]
    public async Task A_database_that_is_away_at_the_start_is_waited_for_and_named_without_the_password()
    {
        await using var server = await PostgresServer.StartNewAsync(IPAddress.Loopback, OverlaySettingsSamples.FreePort());
        await server.StopAsync();
        var journal = new PostgresJournal(PostgresConnection.Parse(server.ConnectionString(overTcp: true)));
        journal.Prepare();
        await using var process = new AllocatorProcess(journal);
        await process.Stopped();
        string away = await process.HasSaid("--journal postgres: database overlay on 127.0.0.1:");
        output.WriteLine(away);

        var watch = Stopwatch.StartNew();
        await server.StartAsync();
        for (process.Begin(); await process.ClaimUnlessStopped(1) is null && watch.Elapsed < TimeSpan.FromSeconds(60); process.Begin())
            await Task.Delay(500);
        output.WriteLine($"measured: first grant {watch.Elapsed.TotalSeconds:0.0} s after the first start of a database that was away");
        Assert.Equal(2, await server.AskAsync<long>("SELECT count(*) FROM akka_overlay.journal"));

        // Gone in the middle of it, and back: the same life, the same journal.
        await server.KillAsync();
        Assert.Null(await process.ClaimUnlessStopped(2));
        await process.HasSaid("The ledger cannot be written");
        var asked = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<Exception>(() => new PostgresFence(PostgresConnection.Parse(server.ConnectionString(overTcp: true)), () => null).HoldsAsync(2));
        Assert.True(asked.Elapsed < TimeSpan.FromSeconds(10));
        for (int attempt = 0; attempt < 12; attempt++)
        {
            process.Begin();
            await process.Stopped();
        }
        await server.StartAsync();
        watch.Restart();
        for (process.Begin(); await process.ClaimUnlessStopped(2) is null && watch.Elapsed < TimeSpan.FromSeconds(60); process.Begin())
            await Task.Delay(500);
        output.WriteLine($"measured: granting again {watch.Elapsed.TotalSeconds:0.0} s after a database killed with SIGKILL is back, and 12 attempts in vain");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
        Assert.Equal(3, await process.Revision());
        Assert.DoesNotContain(process.Said, line => line.Contains("s3cret", StringComparison.Ordinal));
    }
}
