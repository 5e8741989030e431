using System.Diagnostics;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Runs where a dockerd can run at all; skipped, with dockerd's own word, where it cannot: no program, no cgroups, no bridge.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DockerFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Obstacle = new(Look);

    public DockerFactAttribute() => Skip = Obstacle.Value;

    private static string? Look()
    {
        string[] programs = ["dockerd", "docker", "containerd", "iptables-save", "unshare"];
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin"];
        if (programs.FirstOrDefault(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))) is { } missing)
            return $"{missing} is not there (Debian's packages docker.io, iptables and util-linux)";
        if (!File.Exists("/bin/busybox"))
            return "/bin/busybox is not there (Debian's package busybox-static)";
        var folder = Directory.CreateTempSubdirectory("akka-overlay-dockerd");
        string log = Path.Combine(folder.FullName, "log");
        try
        {
            // It is up when its socket is there.
            string socket = Path.Combine(folder.FullName, "s");
            using var process = Process.Start(new ProcessStartInfo("unshare",
            [
                "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                $"ip link set lo up; exec dockerd --host unix://{socket} --data-root {folder}/data --exec-root {folder}/exec --pidfile {folder}/pid >{log} 2>&1",
            ]))!;
            for (int i = 0; i < 150 && !process.HasExited; i++)
            {
                if (Lines(log).Any(line => line.Contains("API listen on", StringComparison.Ordinal)))
                {
                    process.Kill();
                    process.WaitForExit();
                    return null;
                }
                Thread.Sleep(100);
            }
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            return $"dockerd cannot run here: {Lines(log).LastOrDefault()}";
        }
        finally
        {
            Thread.Sleep(200);
            folder.Delete(recursive: true);
        }
    }

    private static string[] Lines(string log) => File.Exists(log) ? File.ReadAllLines(log) : [];
}
