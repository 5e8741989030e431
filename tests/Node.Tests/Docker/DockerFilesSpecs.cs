using AkkaOverlay.Node.Docker;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>Places that cannot hold what Docker reads stay as they are.</summary>
public sealed class DockerFilesSpecs : IDisposable
{
    private static readonly DockerOptions Options = new("10.244.3.1/24", 1450, true);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("akka-overlay-docker-files-");

    /// <summary>As /dev/null, which would be replaced by a file.</summary>
    [Fact]
    public void A_device_is_not_replaced_not_behind_a_link_either()
    {
        string device = $"/dev/akka-overlay-{Environment.ProcessId}", link = Path.Combine(folder.FullName, "daemon.json");
        File.CreateSymbolicLink(link, device);
        try
        {
            foreach (string file in new[] { device, link })
                Assert.Equal($"{file}: a device, and no file that could keep it", Assert.Throws<StartException>(() => DockerFiles.SetDaemonJson(file, Options)).Message);
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
        string taken = folder.CreateSubdirectory("daemon.json").FullName;
        Assert.StartsWith($"{taken}: ", Assert.Throws<StartException>(() => DockerFiles.SetDaemonJson(taken, Options)).Message, StringComparison.Ordinal);
        Assert.Throws<StartException>(() => DockerFiles.WriteOptions(taken, "text"));
        Assert.Equal([taken], Directory.GetFileSystemEntries(folder.FullName));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
