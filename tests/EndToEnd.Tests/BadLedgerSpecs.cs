using System.Globalization;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The ledger's file on a core host's disk: damaged, out of reach, or out of space. No node starts with a forgotten state, and nothing is overwritten.</summary>
public sealed class BadLedgerSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("truncate -s $(( $(stat -c %s {0}) / 2 )) {0}", "is damaged")]
    [InlineData("truncate -s 0 {0}", "is damaged: it is empty")]
    [InlineData("dd if=/dev/urandom of={0} bs=100 count=1 conv=notrunc", "is damaged: it is not a SQLite database")]
    [InlineData("dd if=/dev/urandom of={0}-wal bs=32 count=1 conv=notrunc", "is damaged: its write-ahead log is not one")]
    [InlineData("rm {0}", "is damaged: it is gone, but its write-ahead log is there")]
    [InlineData("rm {0} && mkdir {0}", "cannot be opened: it is a directory")]
    [InlineData("printf '\\000\\000\\000\\011' | dd of={0} bs=1 seek=60 conv=notrunc", "has format 9, written by a newer release; this one knows formats up to 1")]
    public async Task A_node_does_not_start_on_a_broken_ledger_however_often_it_tries(string breakage, string expected)
    {
        using var lab = Prepare(output, 1);
        await lab.Run(async () =>
        {
            lab[1].Start();
            await lab[1].WaitReadyAsync(Patience);
            lab[1].Kill();
            await lab[1].WaitForExitAsync();
            string ledger = Path.Combine(lab[1].StateDirectory, "ledger.db");
            // The first page only where it is looked for: a log that holds a copy of it would be asked first.
            if (expected.Contains("format", StringComparison.Ordinal) || breakage.Contains("stat", StringComparison.Ordinal))
                await Checkpoint(ledger);
            var broken = await Command.Run(null, "sh", "-c", string.Format(CultureInfo.InvariantCulture, breakage, ledger));
            Assert.True(broken.ExitCode == 0, broken.ToString());
            var before = Contents(lab[1]);
            for (int attempt = 0; attempt < 2; attempt++)
                AssertOneLine(await Start(lab), expected, ledger);
            Assert.Equal(before, Contents(lab[1]));
        });
    }

    [Fact]
    public async Task A_state_directory_or_a_ledger_that_it_may_not_read_is_named()
    {
        using var lab = Prepare(output, 1);
        string ledger = Path.Combine(lab[1].StateDirectory, "ledger.db");
        await File.WriteAllTextAsync(ledger, "x");
        File.SetUnixFileMode(ledger, UnixFileMode.None);
        string[] withoutOverride = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"];
        AssertOneLine(await Start(lab, withoutOverride), "cannot be opened", ledger);
        File.SetUnixFileMode(lab[1].StateDirectory, UnixFileMode.None);
        AssertOneLine(await Start(lab, withoutOverride), "is denied", lab[1].StateDirectory);
        File.SetUnixFileMode(lab[1].StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task A_read_only_file_system_is_named_and_a_full_one_too()
    {
        using var lab = Prepare(output, 1);
        await using var disk = await SmallDisk.MountAsync(lab[1].StateDirectory);
        await disk.RemountAsync("ro");
        AssertOneLine(await Start(lab), "Read-only file system", lab[1].StateDirectory);
        await disk.RemountAsync("rw");
        disk.Fill(leave: 4096);
        var full = await Start(lab);
        AssertOneLine(full, "o space", lab[1].StateDirectory);
        disk.Free();
        lab[1].Start();
        await lab[1].WaitReadyAsync(Patience);
        lab[1].Kill();
        await lab[1].WaitForExitAsync();
    }

    [Fact]
    public async Task While_the_disk_is_full_leases_stay_and_nothing_is_granted_and_then_it_goes_on()
    {
        using var lab = Prepare(output, 3);
        await using var disk = await SmallDisk.MountAsync(lab[1].StateDirectory);
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts.Take(2))
            {
                host.Start();
                await host.WaitReadyAsync(Patience);
                host.ConnectContainer();
            }
            foreach (var host in lab.Hosts.Take(2))
                await Eventually($"{host.Name} has its peer", async () => (await OurRoutes(host)).Count == 1, Patience);
            string[] before = [await Subnet(lab[1]), await Subnet(lab[2])];
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);

            disk.Fill();
            lab[3].Start();
            await Eventually("the log names the cause", () => Task.FromResult(File.ReadAllText(lab[1].LogFile).Contains("The ledger cannot be written: no space is left on the disk", StringComparison.Ordinal)), Patience);
            await Task.Delay(5000);
            await Eventually("the waiting host says that it has no lease", async () => (await lab[3].Api.StatusAsync()).Lease is null, Patience);
            Assert.Equal(before, await Task.WhenAll(Subnet(lab[1]), Subnet(lab[2])));

            disk.Free();
            long freed = TimeProvider.System.GetTimestamp();
            await lab[3].WaitReadyAsync(Patience);
            var granted = TimeProvider.System.GetElapsedTime(freed);
            Assert.Equal(before, await Task.WhenAll(Subnet(lab[1]), Subnet(lab[2])));
            Assert.DoesNotContain(await Subnet(lab[3]), before);
            var seen = await pings.StopAsync();
            lab.Measured($"disk full: a waiting host is ready {granted.TotalSeconds:0.0} s after there is space again; {seen.Sent} pings, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);

            lab[1].Kill();
            await lab[1].WaitForExitAsync();
            lab[1].Start();
            await Eventually("the whole ledger is there after a restart", async () => await lab[1].Api.LeasesAsync() is { Live: true, Leases.Count: 3 }, Patience);
            Assert.Equal(before[0], await Subnet(lab[1]));
            foreach (var host in lab.Hosts)
            {
                host.Kill();
                await host.WaitForExitAsync();
            }
        });
    }

    [Fact]
    public async Task Whoever_reads_the_ledger_of_a_running_node_takes_nothing_away()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            lab[1].Start();
            await lab[1].WaitReadyAsync(Patience);
            string ledger = Path.Combine(lab[1].StateDirectory, "ledger.db");
            // The last one that closes a SQLite database without locks on it takes the log away.
            await Checkpoint(ledger);
            string[] open = [.. Directory.EnumerateFileSystemEntries($"/proc/{lab[1].Process!.Id}/fd").Select(file => new FileInfo(file).LinkTarget ?? "").Where(target => target.StartsWith(ledger, StringComparison.Ordinal))];
            Assert.Contains($"{ledger}-wal", open);
            Assert.DoesNotContain(open, target => target.Contains("(deleted)", StringComparison.Ordinal));

            lab[2].Start();
            await lab[2].WaitReadyAsync(Patience);
            long revision = (await lab[1].Api.LeasesAsync()).Revision;
            lab[2].Kill();
            lab[1].Kill();
            await Task.WhenAll(lab[1].WaitForExitAsync(), lab[2].WaitForExitAsync());
            lab[1].Start();
            await lab[1].WaitReadyAsync(Patience);
            // Ready comes from the host's own files; the ledger says a moment later what it has.
            await Eventually("the ledger is heard", async () => (await lab[1].Api.LeasesAsync()).Live, Patience);
            Assert.True((await lab[1].Api.LeasesAsync()).Revision >= revision, "what was granted after the reader is lost");
        });
    }

    private static async Task Checkpoint(string ledger)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={ledger};Pooling=false");
        await connection.OpenAsync();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
    }

    private static Task<CommandResult> Start(OverlayLab lab, params string[] setpriv) => Command.Run(
        lab[1].Host,
        "setpriv",
        [.. setpriv, Command.Executable, "run", "--seed", "192.168.77.1", "--net-conf", lab.Network.NetConfFile, "--run-dir", lab[1].RunDirectory, "--state-dir", lab[1].StateDirectory]);

    /// <summary>Every file of the state directory but SQLite's index of the log, and an empty log, which a reader may leave.</summary>
    private static SortedDictionary<string, string> Contents(LabHost host) => new(
        Directory.GetFiles(host.StateDirectory)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal) && !(file.EndsWith("-wal", StringComparison.Ordinal) && new FileInfo(file).Length == 0))
            .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))),
        StringComparer.Ordinal);

    private void AssertOneLine(CommandResult result, string expected, string named)
    {
        output.WriteLine(result.Error);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A file system of 1 MiB on a directory.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly string directory;

        private SmallDisk(string directory) => this.directory = directory;

        private string Ballast => Path.Combine(directory, "ballast");

        public static async Task<SmallDisk> MountAsync(string directory)
        {
            await Run("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "akka-overlay-test", directory);
            return new SmallDisk(directory);
        }

        public Task RemountAsync(string how) => Run("mount", "-o", $"remount,{how}", directory);

        /// <param name="leave">Octets that stay free.</param>
        public void Fill(int leave = 0)
        {
            using (var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                try
                {
                    for (var page = new byte[4096]; ;)
                        ballast.Write(page);
                }
                catch (IOException)
                {
                    ballast.SetLength(Math.Max(0, ballast.Length - leave));
                }
            }
        }

        public void Free() => File.Delete(Ballast);

        // Lazily: the node inside may still be on its way out.
        public async ValueTask DisposeAsync() => await Run("umount", "--lazy", directory);

        private static async Task Run(string program, params string[] arguments)
        {
            var result = await Command.Run(null, program, arguments);
            Assert.True(result.ExitCode == 0, result.ToString());
        }
    }
}
