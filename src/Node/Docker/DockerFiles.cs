using System.Text;
using AkkaOverlay.Actors;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Docker;

/// <summary>The files that Docker reads, replaced as a whole or not at all.</summary>
internal static class DockerFiles
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="StartException">It cannot be written.</exception>
    public static void WriteOptions(string file, string content) => Attempt(file, () =>
    {
        string target = Target(file);
        // Such as /dev/stdout: written to and not replaced.
        if (IsDevice(file) || IsDevice(target))
        {
            using var device = new FileStream(file, FileMode.Open, FileAccess.Write);
            device.Write(Encoding.UTF8.GetBytes(content));
            return;
        }
        AtomicFile.WriteShared(target, content, durable: false, Readable);
    });

    /// <returns>False where it said so already, and was not touched.</returns>
    /// <exception cref="StartException">It cannot be read or written, or is broken. Nothing was changed.</exception>
    public static bool SetDaemonJson(string file, DockerOptions options)
    {
        bool changed = false;
        Attempt(file, () =>
        {
            // A link stays a link.
            string target = Target(file);
            if (IsDevice(target))
                throw new IOException("a device, and no file that could keep it");
            bool exists = File.Exists(target);
            string before = exists ? new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(target)) : "";
            string after = DaemonJson.Set(before, options);
            if (exists && after == before)
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            AtomicFile.WriteShared(target, after, durable: true, Readable);
            changed = true;
        });
        return changed;
    }

    /// <summary>/dev/shm holds files as any other place.</summary>
    private static bool IsDevice(string file) =>
        Path.GetFullPath(file) is var path && path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static string Target(string file) =>
        new FileInfo(file) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : file;

    private static void Attempt(string file, Action action)
    {
        try
        {
            action();
        }
        catch (DecoderFallbackException e)
        {
            throw new StartException($"{file}: not JSON: its text is not UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartException($"{file}: {e.Message}", e);
        }
    }
}
