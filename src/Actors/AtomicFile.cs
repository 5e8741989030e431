using System.Text;
using AkkaOverlay.Kernel.Files;

namespace AkkaOverlay.Actors;

/// <summary>Files that a crash leaves as they were or as they were to be, never in between.</summary>
public static class AtomicFile
{
    /// <param name="durable">On the disk before this returns, under its name: the content, and then the rename.</param>
    /// <param name="mode">The file's mode, whatever the umask.</param>
    public static void Write(string file, string content, bool durable, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string temporary = $"{file}.new";
        File.Delete(temporary);
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                stream.Write(Encoding.UTF8.GetBytes(content));
                stream.Flush(flushToDisk: durable);
            }
            // The umask may have taken bits away.
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
            // The next write deletes it.
        }
    }
}
