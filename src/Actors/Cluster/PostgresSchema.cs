using AkkaOverlay.Actors.Network;
using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// The tables of the ledger, in a schema of their own: made at the first start, looked at ever after. The plugin could make them too, but only once and at
/// its own start: where the database is away just then, it stops for good.
/// </summary>
internal static class PostgresSchema
{
    public const string Name = "akka_overlay";

    /// <summary>What this release writes; a higher one in the database is a newer release's.</summary>
    public const int Format = 1;

    private const string NetworkMark = "network ";

    /// <summary>PostgreSQL 15, which is also what the SQL dialect of the plugin is made for.</summary>
    private const int OldestServer = 150000;

    /// <summary>"AOLE": two core hosts that begin at once make the tables one after the other.</summary>
    private const long AdvisoryLock = 0x414F4C45;

    /// <summary>
    /// Columns as the plugin names them. What fences a second writer is <c>journal_uq</c>. The trigger is for a database that lost its end (a standby that
    /// was promoted before it had everything): an allocator that still has the lost events must not write on behind the gap.
    /// </summary>
    private const string Tables = $"""
        CREATE SCHEMA IF NOT EXISTS {Name};
        CREATE TABLE {Name}.journal (
          ordering bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          created bigint NOT NULL,
          deleted boolean NOT NULL,
          persistence_id text NOT NULL,
          sequence_number bigint NOT NULL,
          message bytea NOT NULL,
          manifest text,
          identifier integer,
          writer_uuid text,
          CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number));
        CREATE TABLE {Name}.tags (
          ordering_id bigint NOT NULL,
          tag text NOT NULL,
          sequence_nr bigint NOT NULL,
          persistence_id text NOT NULL,
          PRIMARY KEY (ordering_id, tag));
        CREATE TABLE {Name}.snapshot (
          persistence_id text NOT NULL,
          sequence_number bigint NOT NULL,
          created bigint NOT NULL,
          snapshot bytea,
          manifest text,
          serializer_id integer,
          PRIMARY KEY (persistence_id, sequence_number));
        CREATE FUNCTION {Name}.journal_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.sequence_number <> 1 + (SELECT coalesce(max(sequence_number), 0) FROM {Name}.journal WHERE persistence_id = NEW.persistence_id) THEN
            RAISE EXCEPTION 'event % does not follow the ledger''s last one', NEW.sequence_number USING ERRCODE = 'unique_violation';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER journal_in_order BEFORE INSERT ON {Name}.journal FOR EACH ROW EXECUTE FUNCTION {Name}.journal_in_order();
        CREATE TABLE {Name}.ledger (id uuid NOT NULL, format integer NOT NULL, one boolean PRIMARY KEY DEFAULT true CHECK (one));
        INSERT INTO {Name}.ledger (id, format) VALUES (gen_random_uuid(), 1);
        """;

    /// <summary>Makes the tables where there are none, and sees that they are ours and the server one to rely on.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="network">Whose ledger it is: each network needs a database of its own.</param>
    /// <param name="known">The ledger that this host has worked with; null before the first time.</param>
    /// <param name="meant">What an operator does where another ledger is meant.</param>
    /// <returns>The ledger's identity, made with its tables.</returns>
    /// <exception cref="IOException">A newer release's, another ledger, or a server that forgets what it has committed.</exception>
    /// <exception cref="NpgsqlException">The server says no, or nothing.</exception>
    public static Guid Prepare(NpgsqlConnection connection, NetworkName network, Guid? known, string meant)
    {
        using (var question = new NpgsqlCommand("SELECT pg_is_in_recovery(), current_setting('server_version_num')::int, current_setting('synchronous_commit'), current_setting('fsync')", connection))
        using (var answer = question.ExecuteReader())
        {
            answer.Read();
            // Not for ever: a standby is promoted.
            if (answer.GetBoolean(0))
                throw new StandbyException();
            if (answer.GetInt32(1) < OldestServer)
                throw new IOException($"PostgreSQL {answer.GetInt32(1) / 10000} is too old; 15 is needed");
            if (answer.GetString(2) == "off" || answer.GetString(3) == "off")
                throw new IOException("synchronous_commit or fsync is off there: a power cut would take leases that were granted; set both to on");
        }
        if (!Exists(connection))
        {
            if (known is not null)
                throw new IOException($"the ledger is gone from it (no table {Name}.ledger): restore it; where a new one is meant, {meant}");
            Create(connection, network);
        }
        if (NetworkOf(connection) is var theirs && theirs != network.Text)
            throw new IOException($"it has the ledger of {(NetworkName.TryParse(theirs, out var name) || theirs.Length == 0 ? name.ToString() : "something else")}, not of {network}: give each network a database of its own");
        using var stamp = new NpgsqlCommand($"SELECT id, format FROM {Name}.ledger", connection);
        using var row = stamp.ExecuteReader();
        if (!row.Read())
            throw new IOException($"{Name}.ledger has lost its row: restore it");
        if (row.GetInt32(1) > Format)
            throw new IOException($"the ledger has format {row.GetInt32(1)}, written by a newer release; this one knows formats up to {Format}: install the newer release again");
        var id = row.GetGuid(0);
        return known is null || known == id ? id : throw new IOException($"it has another ledger than before; where that is meant, {meant}");
    }

    private static bool Exists(NpgsqlConnection connection)
    {
        using var question = new NpgsqlCommand($"SELECT to_regclass('{Name}.ledger') IS NOT NULL", connection);
        return (bool)question.ExecuteScalar()!;
    }

    /// <summary>Kept as the table's comment: a ledger of the default network has none, and looks as it always did.</summary>
    private static string NetworkOf(NpgsqlConnection connection)
    {
        using var question = new NpgsqlCommand($"SELECT coalesce(obj_description('{Name}.ledger'::regclass, 'pg_class'), '')", connection);
        string comment = (string)question.ExecuteScalar()!;
        return comment.StartsWith(NetworkMark, StringComparison.Ordinal) ? comment[NetworkMark.Length..] : "";
    }

    private static void Create(NpgsqlConnection connection, NetworkName network)
    {
        using var transaction = connection.BeginTransaction();
        using (var wait = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({AdvisoryLock})", connection, transaction))
            wait.ExecuteNonQuery();
        if (!Exists(connection))
        {
            using var tables = new NpgsqlCommand(Tables, connection, transaction);
            tables.ExecuteNonQuery();
            if (!network.IsDefault)
            {
                // A name has no quotes in it.
                using var comment = new NpgsqlCommand($"COMMENT ON TABLE {Name}.ledger IS '{NetworkMark}{network.Text}'", connection, transaction);
                comment.ExecuteNonQuery();
            }
        }
        transaction.Commit();
    }

    /// <summary>A standby cannot be written, and may not have all that its primary has.</summary>
    public sealed class StandbyException() : Exception("a standby answers, not the primary");
}
