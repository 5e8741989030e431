using Npgsql;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>How to reach the database of the ledger. It holds a password: whatever is logged or shown of it goes through <see cref="ToString"/>.</summary>
public sealed class PostgresConnection
{
    /// <summary>Seconds; a network that swallows packets must not hold up the allocator for longer than its hosts' patience.</summary>
    private const int ConnectTimeout = 5, CommandTimeout = 10;

    private readonly NpgsqlConnectionStringBuilder builder;

    private PostgresConnection(NpgsqlConnectionStringBuilder builder) => this.builder = builder;

    /// <summary>The whole of it, with the password.</summary>
    internal string Secret => builder.ToString();

    public bool HasPassword => !string.IsNullOrEmpty(builder.Password);

    /// <param name="text">As Npgsql documents it: <c>Host=…;Username=…;Password=…;Database=…</c>.</param>
    /// <exception cref="FormatException">It is not such a text, or lacks the host; without a word of it, since any word may be a piece of the password.</exception>
    public static PostgresConnection Parse(string text)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            throw new FormatException("not of the form Host=…;Username=…;Password=…;Database=… (values with ; or = in quotes)");
        }
        if (string.IsNullOrWhiteSpace(builder.Host))
            throw new FormatException("names no Host");
        Default("Timeout", () => builder.Timeout = ConnectTimeout);
        Default("Command Timeout", () => builder.CommandTimeout = CommandTimeout);
        Default("Keepalive", () => builder.KeepAlive = CommandTimeout);
        Default("Maximum Pool Size", () => builder.MaxPoolSize = 10);
        Default("Application Name", () => builder.ApplicationName = "akka-overlay");
        // Of several servers the standbys only listen.
        if (builder.Host.Contains(',', StringComparison.Ordinal))
            Default("Target Session Attributes", () => builder.TargetSessionAttributes = "primary");
        builder.PersistSecurityInfo = false;
        builder.IncludeErrorDetail = false;
        return new PostgresConnection(builder);

        void Default(string keyword, Action set)
        {
            // In every spelling that Npgsql takes.
            if (!builder.ShouldSerialize(keyword))
                set();
        }
    }

    /// <summary>A connection for a question that must be answered soon.</summary>
    /// <param name="patience">For the connection, and again for each command; whole seconds.</param>
    internal NpgsqlConnection Hasty(TimeSpan patience) => new(new NpgsqlConnectionStringBuilder(Secret)
    {
        Timeout = Math.Min(builder.Timeout, (int)patience.TotalSeconds),
        CommandTimeout = (int)patience.TotalSeconds,
        MaxPoolSize = 2,
        MinPoolSize = 0,
    }.ToString());

    public override string ToString() => $"database {builder.Database ?? builder.Username} on {builder.Host}:{builder.Port}";
}
