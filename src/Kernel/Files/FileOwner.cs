using System.Text;
using AkkaOverlay.Kernel.Netlink;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Files;

/// <summary>Whose a file is (stat(2), chown(2)).</summary>
public sealed unsafe record FileOwner(uint User, uint Group)
{
    /// <returns>Null where there is no such file.</returns>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static FileOwner? Of(string file)
    {
        stat status;
        fixed (byte* path = Encoding.UTF8.GetBytes(file + '\0'))
        {
            if (LibC.stat(path, &status) == 0)
                return new FileOwner(status.st_uid, status.st_gid);
            return LibC.errno == LibC.ENOENT ? null : throw new IOException(Errno.LastError($"look at {file}").Message);
        }
    }

    /// <exception cref="IOException">Only root may give files away.</exception>
    public void GiveTo(string file)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(file + '\0'))
        {
            if (LibC.chown(path, User, Group) < 0)
                throw new IOException(Errno.LastError($"give {file} to user {User} and group {Group}").Message);
        }
    }
}
