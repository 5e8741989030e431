using System.Text;
using AkkaOverlay.Kernel.Files;

namespace AkkaOverlay.Actors;

/// <summary>Files that a crash leaves as they were or as they were to be, never in between.</summary>
public static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A file that is ours alone: nobody else writes it, or one beside it with <c>.new</c> behind its name.</summary>
    /// <param name="durable">On the disk before this returns, under its name: the content, and then the rename.</param>
    /// <param name="mode">The file's mode, whatever the umask.</param>
    public static void Write(string file, string content, bool durable, UnixFileMode mode = OwnerOnly)
    {
        string temporary = $"{file}.new";
        File.Delete(temporary);
        Replace(file, temporary, content, durable, mode, null);
    }

    /// <summary>A file that others have too: whose it is and who may read it stays, and others may write it, and files beside it, at the same time.</summary>
    /// <param name="mode">Of a file that is not there yet.</param>
    /// <exception cref="IOException">Also where its owner cannot be given to the new one.</exception>
    public static void WriteShared(string file, string content, bool durable, UnixFileMode mode) =>
        Replace(file, $"{file}.{Path.GetRandomFileName()}", content, durable, File.Exists(file) ? File.GetUnixFileMode(file) : mode, FileOwner.Of(file));

    private static void Replace(string file, string temporary, string content, bool durable, UnixFileMode mode, FileOwner? owner)
    {
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                stream.Write(Encoding.UTF8.GetBytes(content));
                stream.Flush(flushToDisk: durable);
            }
            owner?.GiveTo(temporary);
            // Behind the owner, whose change takes bits away, and whatever the umask says.
            File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
        if (durable)
            DirectoryEntries.Flush(Path.GetDirectoryName(Path.GetFullPath(file))!);
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Harmless where it stays.
        }
    }
}
