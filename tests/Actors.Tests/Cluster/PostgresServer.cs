using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;

namespace AkkaOverlay.Tests;

/// <summary>
/// A PostgreSQL server of a test's own, from the distribution's binaries: its data in a temporary directory, its processes of the unprivileged user that
/// the package makes, ended by its process id. The distribution's own cluster is never touched.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string User = "overlay";

    /// <summary>With everything that quoting can get wrong.</summary>
    public const string Password = "s3cret\"'\\ ${x};ü#=";

    public const string Database = "overlay";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int serial;

    private readonly string directory;
    private readonly int port;
    private readonly IPAddress address;
    private readonly Func<ProcessStartInfo, Process> launch;
    private Process? process;

    private PostgresServer(IPAddress address, int port, Func<ProcessStartInfo, Process> launch)
    {
        directory = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"aol-pg-{Environment.ProcessId}-{Interlocked.Increment(ref serial)}"));
        this.address = address;
        this.port = port;
        this.launch = launch;
    }

    /// <summary>Null where the distribution's package is not installed.</summary>
    public static string? Binaries { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>The unix socket's directory: reached from every network namespace.</summary>
    public string SocketDirectory => directory;

    public string LogFile => Path.Combine(directory, "log");

    /// <param name="address">Where it listens beside its socket.</param>
    /// <param name="launch">Starts a process, maybe in a network namespace.</param>
    public static async Task<PostgresServer> StartNewAsync(IPAddress address, int port, Func<ProcessStartInfo, Process>? launch = null)
    {
        var server = new PostgresServer(address, port, launch ?? (start => Process.Start(start)!));
        try
        {
            await server.InitialiseAsync();
            await server.StartAsync();
            await server.ExecuteAsync("postgres", $"CREATE DATABASE {Database}");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <param name="overTcp">By address and port; else over the unix socket.</param>
    public string ConnectionString(string database = Database, string password = Password, bool overTcp = false) =>
        new NpgsqlConnectionStringBuilder { Host = overTcp ? address.ToString() : directory, Port = port, Username = User, Password = password, Database = database }.ToString();

    /// <summary>Starts the server, again after it was stopped or killed, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (process is null or { HasExited: true })
            {
                // What a killed server leaves goes within a moment: its children see that it is gone.
                process?.Dispose();
                process = launch(AsPostgres("postgres", "-D", Path.Combine(directory, "data"), "-k", directory, "-p", $"{port}", "-c", $"listen_addresses={address}", "-c", "max_connections=50"));
                _ = DrainAsync(process.StandardOutput);
                _ = DrainAsync(process.StandardError);
            }
            try
            {
                await ExecuteAsync("postgres", "SELECT 1");
                return;
            }
            catch (Exception e) when (e is NpgsqlException && watch.Elapsed < Patience)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>As an administrator stops it: SIGINT, "fast shutdown" (postgres(1)).</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>SIGKILL: connections break off in the middle of whatever they did.</summary>
    public Task KillAsync() => EndAsync("KILL");

    public async Task ExecuteAsync(string database, string statement)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string statement, string database = Database)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync("QUIT");
        // Its children end a moment after it, and write until then.
        for (var watch = Stopwatch.StartNew(); Directory.Exists(directory); await Task.Delay(50))
        {
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (IOException) when (watch.Elapsed < Patience)
            {
            }
        }
    }

    private async Task InitialiseAsync()
    {
        Directory.CreateDirectory(directory);
        string passwordFile = Path.Combine(directory, "password");
        await File.WriteAllTextAsync(passwordFile, Password + "\n");
        await RunAsync(new ProcessStartInfo("chown", ["-R", "postgres:", directory]));
        await RunAsync(AsPostgres("initdb", "-D", Path.Combine(directory, "data"), "-U", User, "--auth=scram-sha-256", $"--pwfile={passwordFile}", "-E", "UTF8", "--locale=C", "--no-sync"));
        await File.AppendAllTextAsync(Path.Combine(directory, "data", "pg_hba.conf"), "host all all samenet scram-sha-256\n");
    }

    private async Task EndAsync(string signal)
    {
        if (process is not { HasExited: false } running)
            return;
        await RunAsync(new ProcessStartInfo("kill", [$"-{signal}", $"{running.Id}"]));
        using var patience = new CancellationTokenSource(Patience);
        await running.WaitForExitAsync(patience.Token);
    }

    private static ProcessStartInfo AsPostgres(string program, params string[] arguments) => new(
        "setpriv",
        ["--reuid=postgres", "--regid=postgres", "--clear-groups", Path.Combine(Binaries ?? throw new InvalidOperationException("PostgreSQL is not installed"), program), .. arguments])
    {
        WorkingDirectory = "/",
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {await output} {await error}");
    }

    private async Task DrainAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (directory)
                File.AppendAllText(LogFile, line + "\n");
        }
    }
}
