using System.Diagnostics;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Lab;
using Tmds.Linux;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>
/// The distribution's dockerd inside one lab host: in the host's network namespace, with files, socket and containerd of its own. It is the first process of a
/// process namespace and has mounts of its own, so that with it everything ends that it has started, whatever ends it (pid_namespaces(7)).
/// </summary>
internal sealed class DockerDaemon : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly NetworkNamespace network;
    private readonly string directory;
    private readonly string cgroup;
    private readonly string log;
    private Process? process;

    private DockerDaemon(NetworkNamespace network, string directory, string name)
    {
        this.network = network;
        this.directory = directory;
        cgroup = $"/{name}";
        log = Path.Combine(directory, "dockerd.log");
    }

    public string Socket => Path.Combine(directory, "docker.sock");

    public string DaemonJson => Path.Combine(directory, "daemon.json");

    public string Log => File.Exists(log) ? File.ReadAllText(log) : "";

    /// <summary>A daemon that is not started; its directory is below the host's.</summary>
    public static DockerDaemon Of(LabHost host)
    {
        // The socket's name has 107 octets at most, and a lab's directories are short.
        string directory = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(host.RunDirectory)!, "docker")).FullName;
        return new DockerDaemon(host.Host, directory, host.Host.Name!);
    }

    /// <summary>A daemon in a namespace that is not a lab host's.</summary>
    public static DockerDaemon In(NetworkNamespace network, string directory) => new(network, Directory.CreateDirectory(directory).FullName, network.Name!);

    /// <param name="options">On top of those that keep it apart from every other daemon.</param>
    /// <exception cref="InvalidOperationException">It ended, or does not answer; with its log.</exception>
    public async Task StartAsync(params IEnumerable<string> options)
    {
        if (!File.Exists(DaemonJson))
            await File.WriteAllTextAsync(DaemonJson, "{}\n");
        string script = "exec \"$@\" >>" + log + " 2>&1";
        process = Command.Start(
            network, "unshare",
            [
                "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script, "dockerd", "dockerd", "--host", $"unix://{Socket}",
                "--config-file", DaemonJson, "--data-root", Path.Combine(directory, "data"), "--exec-root", Path.Combine(directory, "exec"),
                "--pidfile", Path.Combine(directory, "dockerd.pid"), "--cgroup-parent", cgroup, "--exec-opt", "native.cgroupdriver=cgroupfs", .. options,
            ]);
        try
        {
            await Eventually("dockerd answers", async () => process.HasExited ? throw Failure("ended") : (await Run("version")).ExitCode == 0, Patience);
        }
        catch (TimeoutException)
        {
            throw Failure("does not answer");
        }
    }

    /// <summary>SIGTERM to dockerd, by its id: it ends its containers and then itself.</summary>
    public async Task StopAsync()
    {
        Signal(LibC.SIGTERM);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await process!.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failure("does not end at SIGTERM");
        }
        End();
    }

    /// <summary>docker(1) with this daemon.</summary>
    public Task<CommandResult> Run(params IEnumerable<string> arguments) => Command.Run(null, "docker", ["--host", $"unix://{Socket}", .. arguments]);

    /// <summary>docker(1), which must succeed.</summary>
    /// <returns>What it printed, without blanks around it.</returns>
    public async Task<string> Ask(params IEnumerable<string> arguments)
    {
        var result = await Run(arguments);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {result}\n{Log}");
    }

    /// <summary>A shell command inside a container.</summary>
    public Task<CommandResult> Shell(string container, string command) => Run("exec", container, "/bin/sh", "-c", command);

    /// <summary>An image of Debian's busybox-static and nothing else: what cannot be pulled here.</summary>
    public async Task ImportBusybox(string name)
    {
        string root = Path.Combine(directory, "busybox");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        Directory.CreateDirectory(Path.Combine(root, "tmp"));
        File.Copy("/bin/busybox", Path.Combine(root, "bin", "busybox"), overwrite: true);
        foreach (string applet in (await Command.Run(null, "/bin/busybox", "--list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(applet => applet != "busybox"))
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        await Import(name, root, "ENV PATH=/bin");
    }

    /// <summary>An image from a folder, with the instructions of a Dockerfile.</summary>
    public async Task Import(string name, string root, params IEnumerable<string> changes)
    {
        string tar = Path.Combine(directory, "image.tar");
        var packed = await Command.Run(null, "tar", "-C", root, "--owner=0", "--group=0", "-cf", tar, ".");
        if (packed.ExitCode != 0)
            throw new InvalidOperationException($"tar: {packed}");
        await Ask(["import", .. changes.SelectMany(change => new[] { "--change", change }), tar, name]);
        File.Delete(tar);
    }

    public void Dispose()
    {
        if (process is not null)
            End();
        foreach (string folder in Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(controller => controller + cgroup).Where(Directory.Exists))
            RemoveCgroup(folder);
    }

    private InvalidOperationException Failure(string what) => new($"dockerd {what}:\n{string.Join('\n', Log.Split('\n').TakeLast(20))}");

    /// <summary>dockerd as this side sees it: the one child of unshare.</summary>
    private int? DaemonId()
    {
        string children = $"/proc/{process!.Id}/task/{process.Id}/children";
        return File.Exists(children) && int.TryParse(File.ReadAllText(children).Split(' ')[0], out int id) ? id : null;
    }

    /// <summary>SIGKILL to the first process of a process namespace is the end of all inside, and it is reaped when they are gone.</summary>
    private void End()
    {
        Signal(LibC.SIGKILL);
        if (!process!.WaitForExit(TimeSpan.FromSeconds(10)))
            process.Kill();
        process.Dispose();
        process = null;
    }

    private void Signal(int signal)
    {
        if (process is { HasExited: false } && DaemonId() is { } id)
            _ = LibC.kill(id, signal);
    }

    private static void RemoveCgroup(string folder)
    {
        foreach (string inner in Directory.EnumerateDirectories(folder))
            RemoveCgroup(inner);
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // The kernel may still hold its last process.
        }
    }
}
