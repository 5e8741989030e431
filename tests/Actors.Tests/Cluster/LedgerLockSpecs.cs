using System.Diagnostics;
using System.Globalization;
using AkkaOverlay.Actors.Cluster;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>
/// SQLite's locks on a ledger that is in use: POSIX locks, of which a process loses all on a file when it closes any descriptor of that file (fcntl(2)). The
/// last reader from outside that finds none takes the write-ahead log away, and with it all that is written to it afterwards.
/// </summary>
public sealed class LedgerLockSpecs(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-ledger-lock-");

    private string Ledger => Path.Combine(directory.FullName, "ledger.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Whoever_reads_a_ledger_from_outside_takes_nothing_away()
    {
        var journal = new SqliteJournal(Ledger);
        // As every start does: before anything is made, and again with each overlay system.
        journal.Prepare();
        journal.Prepare();
        await using var allocator = new AllocatorProcess(journal);
        Assert.NotNull(await allocator.Claim(1));
        output.WriteLine($"locks: {string.Join(" | ", Locks(Ledger))}");
        Assert.NotEmpty(Locks(Ledger));
        Assert.NotEmpty(Locks($"{Ledger}-shm"));

        await Run("sqlite3", Ledger, "SELECT count(*) FROM journal");
        Assert.True(File.Exists($"{Ledger}-wal"), "the reader took the write-ahead log away");
        Assert.DoesNotContain(Descriptors(), file => file.Contains("(deleted)", StringComparison.Ordinal));
        Assert.NotEmpty(Locks(Ledger));
        Assert.NotNull(await allocator.Claim(2));

        // What a crash would leave, copied by another process: this one would drop its locks by it.
        string crashed = directory.CreateSubdirectory("crashed").FullName;
        await Run("sh", "-c", $"cp {Ledger} {Ledger}-wal {crashed}");
        var after = new SqliteJournal(Path.Combine(crashed, "ledger.db"));
        after.Prepare();
        await using var second = new AllocatorProcess(after);
        Assert.Equal(await allocator.Revision(), await second.Revision());
    }

    [Fact]
    public async Task A_life_that_begins_while_the_one_before_still_has_the_file_open_keeps_the_locks_too()
    {
        var journal = new SqliteJournal(Ledger);
        journal.Prepare();
        await using var first = new AllocatorProcess(journal);
        Assert.NotNull(await first.Claim(1));
        journal.Prepare();
        Assert.NotNull(await first.Claim(2));
        Assert.NotEmpty(Locks(Ledger));
        await Run("sqlite3", Ledger, "SELECT count(*) FROM journal");
        Assert.DoesNotContain(Descriptors(), file => file.Contains("(deleted)", StringComparison.Ordinal));
    }

    /// <summary>This process's locks on a file.</summary>
    /// <remarks>proc(5): <c>1: POSIX  ADVISORY  READ 5433 08:01:7864448 128 128</c></remarks>
    private static List<string> Locks(string file)
    {
        string self = string.Create(CultureInfo.InvariantCulture, $" {Environment.ProcessId} "), inode = $":{Run("stat", "-c", "%i", file).GetAwaiter().GetResult()} ";
        return [.. File.ReadLines("/proc/locks").Where(line => line.Contains(self, StringComparison.Ordinal) && line.Contains(inode, StringComparison.Ordinal))];
    }

    private List<string> Descriptors() =>
        [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(entry => new FileInfo(entry).LinkTarget ?? "").Where(target => target.StartsWith(Ledger, StringComparison.Ordinal))];

    private static async Task<string> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return said.Trim();
    }
}
