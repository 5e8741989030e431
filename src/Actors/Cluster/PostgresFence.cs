using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Asks the database for the ledger's last event: no other answer is worth anything, since a second allocator shares nothing else with this one.</summary>
/// <param name="known">The ledger that this process works with.</param>
internal sealed class PostgresFence(PostgresConnection connection, Func<Guid?> known) : ILedgerFence
{
    /// <summary>The allocator's persistence id.</summary>
    private const string Writer = "subnet-allocator";

    private const string Question = $"""
        SELECT pg_is_in_recovery(), (SELECT id FROM {PostgresSchema.Name}.ledger),
               (SELECT coalesce(max(sequence_number), 0) FROM {PostgresSchema.Name}.journal WHERE persistence_id = '{Writer}')
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// False also where the database has less than the asker: it lost its end, and an allocator that goes on from what it remembers would write behind a gap.
    /// </summary>
    /// <remarks>An event that the asker itself is writing counts as another's: it asks only while it writes nothing.</remarks>
    /// <exception cref="Exception">The database does not answer within 5 s, or it is a standby, which may be behind.</exception>
    public async Task<bool> HoldsAsync(long revision)
    {
        using var patience = new CancellationTokenSource(Patience + TimeSpan.FromSeconds(2));
        await using var hasty = connection.Hasty(Patience);
        await hasty.OpenAsync(patience.Token);
        await using var question = new NpgsqlCommand(Question, hasty);
        await using var answer = await question.ExecuteReaderAsync(patience.Token);
        await answer.ReadAsync(patience.Token);
        if (answer.GetBoolean(0))
            throw new PostgresSchema.StandbyException();
        return !answer.IsDBNull(1) && answer.GetGuid(1) == known() && answer.GetInt64(2) == revision;
    }

    /// <summary>The database holds nothing for an allocator that has ended.</summary>
    public void Release()
    {
    }
}
