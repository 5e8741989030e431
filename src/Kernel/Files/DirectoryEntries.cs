using System.Text;
using AkkaOverlay.Kernel.Netlink;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Files;

/// <summary>What a directory says of its files. .NET opens no directories, so that it cannot be made durable there.</summary>
public static unsafe class DirectoryEntries
{
    /// <summary>
    /// Brings them to the disk: a file that was made, renamed or removed is so after a power cut only when its directory is synced too (fsync(2), "Calling
    /// fsync() does not necessarily ensure that the entry in the directory containing the file has also reached disk").
    /// </summary>
    /// <exception cref="IOException">The directory is not there, or the disk refuses.</exception>
    public static void Flush(string directory)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            int descriptor = LibC.open(path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);
            if (descriptor < 0)
                throw new IOException(Errno.LastError($"open {directory}").Message);
            try
            {
                // EINVAL: a file system that has nothing to sync there.
                if (LibC.fsync(descriptor) < 0 && LibC.errno != LibC.EINVAL)
                    throw new IOException(Errno.LastError($"sync {directory}").Message);
            }
            finally
            {
                _ = LibC.close(descriptor);
            }
        }
    }
}
