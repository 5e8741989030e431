using AkkaOverlay.Kernel.Namespaces;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Files;

/// <summary>File systems that are mounted somewhere (proc_pid_mounts(5)).</summary>
public static unsafe class Mounts
{
    /// <summary>Takes away what is mounted below a directory, the innermost first; who uses it goes on with it until he closes it (umount2(2), MNT_DETACH).</summary>
    /// <exception cref="IOException">The kernel refuses it.</exception>
    public static void DetachBelow(string directory)
    {
        string start = Path.GetFullPath(directory) + "/";
        var below = File.ReadAllLines("/proc/self/mounts").Select(line => line.Split(' ')[1])
            .Where(place => place.StartsWith(start, StringComparison.Ordinal)).OrderByDescending(place => place.Length);
        foreach (string place in below)
        {
            fixed (byte* path = NamespaceMounts.Bytes(place))
            {
                if (LibC.umount2(path, LibC.MNT_DETACH) < 0)
                    throw NamespaceMounts.LastError($"unmount {place}");
            }
        }
    }
}
