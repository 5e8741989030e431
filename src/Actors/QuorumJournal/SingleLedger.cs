using System.Globalization;
using AkkaOverlay.Actors.Cluster;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>The ledger of a core of one host (<see cref="SqliteJournal"/>), as a log that a seat of the quorum journal can bring along.</summary>
/// <param name="File">Its file; nobody in this process writes it.</param>
/// <param name="Log">Without an epoch and without a roster: no quorum has ever accepted it.</param>
public sealed record SingleLedger(string File, LedgerLog Log)
{
    /// <summary>The allocator's; the file has nobody else's events.</summary>
    private const string Writer = "persistence_id = 'subnet-allocator'";

    /// <returns>Null where there is no such file, or nothing was ever granted in it.</returns>
    /// <exception cref="LedgerFileException">It is damaged, another program's, a newer release's, or cannot be read.</exception>
    public static SingleLedger? Find(string file)
    {
        if (!System.IO.File.Exists(file))
            return null;
        try
        {
            LedgerFileCheck.Look(file);
            using var connection = LedgerFileCheck.Open(file);
            var log = Read(connection);
            return log.LastSeq == 0 ? null : new SingleLedger(file, log);
        }
        catch (SqliteException e)
        {
            throw LedgerFileException.Of(file, e);
        }
        catch (InvalidOperationException e)
        {
            throw LedgerFileException.Damaged(file, e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>The log is on another disk now: the file gets another name, so that nobody takes it for the ledger again.</summary>
    /// <returns>Its new name.</returns>
    /// <exception cref="LedgerFileException">It cannot be moved.</exception>
    public string MoveAside() => new LedgerFile(File).MoveAside("adopted");

    /// <summary>The last snapshot, and what came after it: older events may be gone, and newer ones may not.</summary>
    private static LedgerLog Read(SqliteConnection connection)
    {
        var log = LedgerLog.Blank;
        if (Rows(connection, $"SELECT sequence_number, serializer_id, manifest, snapshot FROM snapshot WHERE {Writer} ORDER BY sequence_number DESC LIMIT 1") is [var last])
            log = log with { BaseSeq = last.Seq, Snapshot = last.Payload };
        var entries = Rows(connection, $"SELECT sequence_number, identifier, manifest, message FROM journal WHERE {Writer} AND sequence_number > {log.BaseSeq} ORDER BY sequence_number");
        return log.Add(entries.Select(row => new LogEntry(row.Seq, row.Payload)));
    }

    private static List<(long Seq, Payload Payload)> Rows(SqliteConnection connection, string question)
    {
        var rows = new List<(long, Payload)>();
        using var command = connection.CreateCommand();
        string table = question[(question.IndexOf("FROM ", StringComparison.Ordinal) + 5)..].Split(' ')[0];
        command.CommandText = $"SELECT count(*) FROM sqlite_master WHERE name = '{table}'";
        // The plugin makes its tables when it first needs them.
        if (Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) == 0)
            return rows;
        command.CommandText = question;
        using var reader = command.ExecuteReader();
        while (reader.Read())
            rows.Add((reader.GetInt64(0), new Payload(reader.GetInt32(1), reader.GetString(2), ByteString.CopyFrom((byte[])reader.GetValue(3)))));
        return rows;
    }
}
