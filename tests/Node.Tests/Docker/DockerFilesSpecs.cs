using System.Diagnostics;
using AkkaOverlay.Node.Docker;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>Files that are Docker's and the administrator's, not ours.</summary>
public sealed class DockerFilesSpecs : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("akka-overlay-docker-").FullName;

    private string DaemonJsonFile => Path.Combine(directory, "daemon.json");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Whose_a_file_is_and_who_may_read_it_stays()
    {
        File.WriteAllText(DaemonJsonFile, "{}\n");
        Run("chown", "1000:1001", DaemonJsonFile);
        Run("chmod", "0640", DaemonJsonFile);
        Assert.True(DockerFiles.SetDaemonJson(DaemonJsonFile, Options(1450)));
        Assert.Equal("1000:1001 640", Run("stat", "-c", "%u:%g %a", DaemonJsonFile));
        Assert.Contains("1450", File.ReadAllText(DaemonJsonFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_neighbours_file_stays_whatever_it_is_called()
    {
        File.WriteAllText($"{DaemonJsonFile}.new", "an administrator's");
        DockerFiles.SetDaemonJson(DaemonJsonFile, Options(1450));
        Assert.Equal("an administrator's", File.ReadAllText($"{DaemonJsonFile}.new"));
        Assert.Equal(2, Directory.GetFiles(directory).Length);
    }

    [Fact]
    public void Many_that_write_it_at_once_all_come_to_their_end_and_leave_one_whole_file()
    {
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => DockerFiles.SetDaemonJson(DaemonJsonFile, Options(1400 + (i % 50))));
        Assert.False(DockerFiles.SetDaemonJson(DaemonJsonFile, Options(MtuOf(File.ReadAllText(DaemonJsonFile)))));
        Assert.Single(Directory.GetFiles(directory));
    }

    /// <summary>As /dev/null, which would be replaced by a file.</summary>
    [Fact]
    public void A_device_is_not_replaced_not_behind_a_link_either()
    {
        string device = $"/dev/akka-overlay-{Environment.ProcessId}", link = DaemonJsonFile;
        File.CreateSymbolicLink(link, device);
        try
        {
            foreach (string file in new[] { device, link })
                Assert.Equal($"{file}: a device, and no file that could keep it", Assert.Throws<StartException>(() => DockerFiles.SetDaemonJson(file, Options(1450))).Message);
            // Written to where it is there, and never made.
            Assert.Throws<StartException>(() => DockerFiles.WriteOptions(link, "text"));
            Assert.False(File.Exists(device));
        }
        finally
        {
            File.Delete(device);
        }
    }

    [Fact]
    public void A_directory_in_its_place_is_said_and_nothing_stays_beside_it()
    {
        string taken = Directory.CreateDirectory(DaemonJsonFile).FullName;
        Assert.StartsWith($"{taken}: ", Assert.Throws<StartException>(() => DockerFiles.SetDaemonJson(taken, Options(1450))).Message, StringComparison.Ordinal);
        Assert.Throws<StartException>(() => DockerFiles.WriteOptions(taken, "text"));
        Assert.Equal([taken], Directory.GetFileSystemEntries(directory));
    }

    private static int MtuOf(string text) => System.Text.Json.Nodes.JsonNode.Parse(text)!["mtu"]!.GetValue<int>();

    private static DockerOptions Options(int mtu) => new("10.244.3.1/24", mtu, IpMasq: false);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string printed = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return printed;
    }
}
