using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using AkkaOverlay.Kernel.Netlink;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Namespaces;

/// <summary>
/// The files under /run/netns: each is a bind mount of a namespace, on a directory that is a shared mount so that the mounts, and their
/// removal, reach every mount namespace (iproute2, ip/ipnetns.c, netns_add and create_netns_dir).
/// </summary>
internal static unsafe class NamespaceMounts
{
    private const string Root = "/run/netns";

    public static string PathOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.Contains('/') || name.Contains('\0') || name.Length > 255)
            throw new ArgumentException($"'{name}' cannot be a namespace's name.", nameof(name));
        return $"{Root}/{name}";
    }

    public static IReadOnlyList<string> Names() => Directory.Exists(Root)
        ? [.. Directory.EnumerateFiles(Root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    public static void Create(string name)
    {
        string path = PathOf(name);
        ShareRoot();
        fixed (byte* bytes = Bytes(path))
        {
            int descriptor = LibC.open(bytes, LibC.O_RDONLY | LibC.O_CLOEXEC | LibC.O_CREAT | LibC.O_EXCL, 0);
            if (descriptor < 0)
                throw LastError($"create {path}");
            _ = LibC.close(descriptor);
        }
        try
        {
            MountNew(path);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public static void Delete(string name)
    {
        string path = PathOf(name);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no network namespace {name}.", path);
        fixed (byte* bytes = Bytes(path))
        {
            // EINVAL: a file without a mount, left by a creation that was cut short; only the file goes then.
            if (LibC.umount2(bytes, LibC.MNT_DETACH) < 0 && LibC.errno != LibC.EINVAL)
                throw LastError($"unmount {path}");
        }
        File.Delete(path);
    }

    public static IOException LastError([ConstantExpected] string what) => new(Errno.LastError(what).Message);

    public static IOException LastError(LastErrorText what) => new(Errno.LastError(what).Message);

    /// <summary>UTF-8 with a closing zero, for system calls.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>Makes a namespace in a thread of its own, which is thrown away because it would be left inside.</summary>
    private static void MountNew(string path)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (LibC.unshare(LibC.CLONE_NEWNET) < 0)
                    throw LastError("make a network namespace");
                Mount("/proc/thread-self/ns/net", path, LibC.MS_BIND);
            }
            catch (IOException thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        })
        { IsBackground = true, Name = "netns create" };
        thread.UnsafeStart();
        thread.Join();
        failure?.Throw();
    }

    private static void ShareRoot()
    {
        Directory.CreateDirectory(Root);
        if (TryMount("", Root, (ulong)LibC.MS_SHARED | (ulong)LibC.MS_REC))
            return;
        // EINVAL: not a mount point yet, so it is made one by mounting it onto itself.
        if (LibC.errno != LibC.EINVAL)
            throw LastError($"share {Root}");
        Mount(Root, Root, (ulong)LibC.MS_BIND | (ulong)LibC.MS_REC);
        Mount("", Root, (ulong)LibC.MS_SHARED | (ulong)LibC.MS_REC);
    }

    private static void Mount(string source, string target, ulong flags)
    {
        if (!TryMount(source, target, flags))
            throw LastError($"mount {target}");
    }

    private static bool TryMount(string source, string target, ulong flags)
    {
        fixed (byte* from = Bytes(source), to = Bytes(target), type = Bytes("none"))
            return LibC.mount(from, to, type, (ulong_t)flags, null) == 0;
    }
}
