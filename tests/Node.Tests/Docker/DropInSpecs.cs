using System.Diagnostics;
using AkkaOverlay.Node.Tests.Run;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>What is shipped for docker.service, on top of a unit such as Debian's.</summary>
public sealed class DropInSpecs
{
    private const string DockerUnit = """
        [Unit]
        Description=Docker Application Container Engine
        [Service]
        Type=notify
        EnvironmentFile=-/etc/default/docker
        ExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS
        [Install]
        WantedBy=multi-user.target

        """;

    private static readonly string Folder = Path.Combine(ServiceUnitSpecs.Root(), "config", "systemd", "docker.service.d");

    public static TheoryData<string> DropIns => [.. Directory.GetFiles(Folder, "*.conf").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(DropIns))]
    public void Each_waits_for_the_node_and_does_not_end_with_it(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, name));
        Assert.Contains("After=akka-overlay.service", lines);
        Assert.Contains("Wants=akka-overlay.service", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Requires=", StringComparison.Ordinal) || line.StartsWith("BindsTo=", StringComparison.Ordinal));
        Assert.Contains("ExecStartPost=/usr/bin/akka-overlay docker-rules", lines);
    }

    [SystemdAnalyzeTheory]
    [MemberData(nameof(DropIns))]
    public async Task Systemd_finds_nothing_wrong_with_it(string name)
    {
        var folder = Directory.CreateTempSubdirectory("akka-overlay-drop-in");
        try
        {
            // It looks whether the programs are there.
            string unit = Path.Combine(folder.FullName, "docker.service");
            await File.WriteAllTextAsync(unit, Installed(DockerUnit));
            Directory.CreateDirectory($"{unit}.d");
            await File.WriteAllTextAsync(Path.Combine($"{unit}.d", "akka-overlay.conf"), Installed(await File.ReadAllTextAsync(Path.Combine(Folder, name))));
            var start = new ProcessStartInfo(SystemdAnalyzeFactAttribute.Program, ["verify", "--man=no", unit]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["SYSTEMD_UNIT_PATH"] = $"{folder.FullName}:";
            using var verify = Process.Start(start)!;
            string said = await verify.StandardError.ReadToEndAsync() + await verify.StandardOutput.ReadToEndAsync();
            await verify.WaitForExitAsync();
            Assert.True(verify.ExitCode == 0 && !said.Contains("docker", StringComparison.Ordinal) && !said.Contains("akka-overlay", StringComparison.Ordinal), said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Installed(string text) => text
        .Replace("/usr/bin/akka-overlay", "/bin/true", StringComparison.Ordinal)
        .Replace("/usr/sbin/dockerd", "/bin/true", StringComparison.Ordinal)
        .Replace("ExecStart=dockerd", "ExecStart=true", StringComparison.Ordinal);
}

/// <inheritdoc cref="SystemdAnalyzeFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemdAnalyzeTheoryAttribute : TheoryAttribute
{
    public SystemdAnalyzeTheoryAttribute() => Skip = new SystemdAnalyzeFactAttribute().Skip;
}
