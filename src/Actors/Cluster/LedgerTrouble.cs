using System.Runtime.Serialization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Why the ledger could not be read or written, in one line for an operator, without a stack and without a secret.</summary>
public static class LedgerTrouble
{
    private const int SqliteFull = 13;

    public static string Explain(Exception cause)
    {
        var all = Unfold(cause).ToList();
        string why = all.OfType<SerializationException>().FirstOrDefault()?.Message
            ?? all.OfType<NpgsqlException>().Select(Database).FirstOrDefault()
            ?? all.OfType<SqliteException>().Select(file => file.SqliteErrorCode == SqliteFull ? "no space is left on the disk" : file.Message).FirstOrDefault()
            ?? all[^1].Message;
        return why.ReplaceLineEndings(" ").TrimEnd('.');
    }

    private static string Database(NpgsqlException e) => e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } taken
        ? $"another allocator has written since ({taken.MessageText})"
        : PostgresTrouble.Explain(e);

    /// <summary>The outermost first.</summary>
    private static IEnumerable<Exception> Unfold(Exception e) => e switch
    {
        AggregateException several => [e, .. several.InnerExceptions.SelectMany(Unfold)],
        { InnerException: { } inner } => [e, .. Unfold(inner)],
        _ => [e],
    };
}
