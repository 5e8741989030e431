using System.Globalization;
using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Tests;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>One server for the tests of a class, each of which takes a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private int databases;

    internal PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await PostgresServer.StartNewAsync(IPAddress.Loopback, OverlaySettingsSamples.FreePort());

    public async Task DisposeAsync()
    {
        Npgsql.NpgsqlConnection.ClearAllPools();
        await Server.DisposeAsync();
    }

    internal async Task<string> NewDatabaseAsync()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"ledger{Interlocked.Increment(ref databases)}");
        await Server.ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return name;
    }

    internal PostgresJournal Journal(string database) => new(PostgresConnection.Parse(Server.ConnectionString(database)));
}
