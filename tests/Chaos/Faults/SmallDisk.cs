using System.Diagnostics;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Faults;

/// <summary>A host's state directory on a tmpfs of its own, so that it can be filled without harm to anybody else.</summary>
public sealed class SmallDisk
{
    private const string Size = "24m";

    private readonly string directory;

    private SmallDisk(string directory) => this.directory = directory;

    private string Ballast => Path.Combine(directory, "ballast");

    /// <summary>Mounts it. To be called before the host's node is started the first time.</summary>
    /// <exception cref="LabException">mount refused.</exception>
    public static SmallDisk On(LabHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        Run("mount", "-t", "tmpfs", "-o", $"size={Size},mode=0755", "akka-overlay-chaos", host.StateDirectory);
        return new SmallDisk(host.StateDirectory);
    }

    /// <summary>Takes every free block.</summary>
    public void Fill()
    {
        byte[] block = new byte[4096];
        using var stream = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                stream.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Empty() => File.Delete(Ballast);

    public void Unmount() => Run("umount", "--lazy", directory);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new LabException($"{program} {string.Join(' ', arguments)}: {error.Trim()}");
    }
}
