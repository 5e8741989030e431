using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Namespaces;

/// <summary>
/// A network namespace (network_namespaces(7)) with a name under /run/netns, as ip-netns(8) keeps them. Disposing closes the descriptor;
/// the namespace lives on until <see cref="Delete"/> and the end of the last process inside. Needs CAP_SYS_ADMIN.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private NetworkNamespace(string? name, SafeFileHandle handle)
    {
        Name = name;
        Handle = handle;
    }

    /// <summary>The file's name under /run/netns; null for one that was opened otherwise.</summary>
    public string? Name { get; }

    /// <summary>An open descriptor of the namespace.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary><see cref="Handle"/> as a number, for IFLA_NET_NS_FD; valid while this object is not disposed.</summary>
    public int Descriptor => (int)Handle.DangerousGetHandle();

    /// <summary>Makes a new namespace with only a loopback device, which is down.</summary>
    /// <exception cref="IOException">The name is taken, or the system refused.</exception>
    public static NetworkNamespace Create(string name)
    {
        NamespaceMounts.Create(name);
        return Open(name);
    }

    /// <exception cref="IOException">There is none of that name.</exception>
    public static NetworkNamespace Open(string name) => new(name, OpenPath(NamespaceMounts.PathOf(name)));

    /// <summary>The namespace of the calling thread.</summary>
    public static NetworkNamespace OpenCurrent() => new(null, OpenPath("/proc/thread-self/ns/net"));

    /// <summary>The names under /run/netns, sorted; also those that other tools made.</summary>
    public static IReadOnlyList<string> Names() => NamespaceMounts.Names();

    /// <summary>Removes the name. The namespace itself ends when no process, descriptor or device of another namespace holds it.</summary>
    /// <exception cref="IOException">There is none of that name, or the system refused.</exception>
    public static void Delete(string name) => NamespaceMounts.Delete(name);

    /// <summary>
    /// Runs the function inside, on a thread that ends with it, and waits. The function must not await, queue work to the thread pool or start
    /// threads that outlive it: Linux gives a new thread the namespace of the thread that starts it, so the pool would grow threads in here that
    /// later run anybody's work. Sockets opened inside stay inside wherever they are used later.
    /// </summary>
    /// <exception cref="Exception">What the function throws, with its stack.</exception>
    public T Run<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (LibC.setns(Descriptor, LibC.CLONE_NEWNET) < 0)
                    throw NamespaceMounts.LastError($"enter network namespace {Name}");
                result = function();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        })
        { IsBackground = true, Name = $"netns {Name}" };
        // Without the caller's execution context nothing of the caller's flows in.
        thread.UnsafeStart();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Run(() =>
        {
            action();
            return 0;
        });
    }

    /// <summary>
    /// Starts a process inside: a child has the network namespace of the thread that forks it. Mounts, /sys among them, stay as they are.
    /// </summary>
    public Process StartProcess(ProcessStartInfo start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        // The first use of Process starts the runtime's signal thread, and that one starts pool threads. Both shall be born out here.
        using var signals = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, static _ => { });
        return Run(() => Process.Start(start)) ?? throw new InvalidOperationException($"{start.FileName} gave no process.");
    }

    /// <summary>Ids of the processes whose main thread is in this namespace, ascending.</summary>
    public unsafe IReadOnlyList<int> ProcessesInside()
    {
        stat own;
        if (LibC.fstat(Descriptor, &own) < 0)
            throw NamespaceMounts.LastError($"look at network namespace {Name}");
        string link = string.Create(CultureInfo.InvariantCulture, $"net:[{(ulong)own.st_ino}]");
        var found = new List<int>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && LinkOf(directory) == link)
                found.Add(id);
        }
        found.Sort();
        return found;
    }

    public void Dispose() => Handle.Dispose();

    private static string? LinkOf(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "ns", "net")).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static unsafe SafeFileHandle OpenPath(string path)
    {
        fixed (byte* bytes = NamespaceMounts.Bytes(path))
        {
            int descriptor = LibC.open(bytes, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
            return descriptor < 0 ? throw NamespaceMounts.LastError($"open {path}") : new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }
}
