using System.Net.Sockets;
using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>What an error of the database means to an operator. Npgsql's messages name user, host and database, and never the password.</summary>
internal static class PostgresTrouble
{
    public static bool IsOfDatabase(Exception e) => e is NpgsqlException or SocketException or TimeoutException or IOException or PostgresSchema.StandbyException;

    /// <summary>Nothing that waiting would mend. A server that starts, stops, is full, is a standby or cannot be reached is not of this kind.</summary>
    public static bool IsRefusal(Exception e) => e switch
    {
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        PostgresException said => said.SqlState.StartsWith("28", StringComparison.Ordinal)
            || said.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidSchemaName,
        // Npgsql's own: no password given, no encryption there, a certificate that is not trusted.
        NpgsqlException { IsTransient: false, InnerException: null or System.Security.Authentication.AuthenticationException } => true,
        NpgsqlException => false,
        // PostgresSchema's.
        IOException => e.InnerException is null,
        _ => false,
    };

    public static string Explain(Exception e) => e switch
    {
        PostgresException said => said.MessageText,
        NpgsqlException { InnerException: { } inner } outer => $"{outer.Message.TrimEnd('.')} ({inner.Message})",
        _ => e.Message,
    };
}
