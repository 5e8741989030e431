using AkkaOverlay.Kernel.Files;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.Node.Lab;

/// <summary>Removes labs by what their objects are called, so that nothing stays behind, whichever step of making it failed.</summary>
public static class LabSweep
{
    /// <summary>Removes the labs whose process is gone.</summary>
    /// <param name="alsoKept">Also those that were left running on purpose.</param>
    /// <returns>Names of the labs that were removed, such as "aol123".</returns>
    /// <exception cref="LabException">Something could not be removed; the rest was.</exception>
    public static IReadOnlyList<string> Run(bool alsoKept = false)
    {
        var removed = new List<string>();
        foreach (var lab in Existing().Where(lab => LabOwner.IsKept(lab) ? alsoKept : !LabOwner.IsAlive(lab)))
        {
            EndProcesses(NamespacesOf(lab), LabSettings.ExitGrace, CancellationToken.None);
            RemoveObjects(lab);
            removed.Add(lab.ToString());
        }
        return removed;
    }

    internal static IReadOnlyList<string> NamespacesOf(LabName lab) =>
        [.. NetworkNamespace.Names().Where(name => LabName.OfNamespace(name) == lab)];

    internal static bool Exists(LabName lab) => Directory.Exists(lab.Directory) || NamespacesOf(lab).Count > 0;

    /// <summary>Ends every process in these namespaces, also such as somebody started by hand.</summary>
    internal static void EndProcesses(IReadOnlyCollection<string> namespaces, TimeSpan grace, CancellationToken hurry)
    {
        var inside = namespaces.SelectMany(ProcessesIn).ToArray();
        if (inside.Length > 0)
            ProcessKey.End(inside, grace, hurry);
        // What forked in the meantime.
        var late = namespaces.SelectMany(ProcessesIn).ToArray();
        if (late.Length > 0)
            ProcessKey.End(late, TimeSpan.Zero, hurry);
    }

    /// <summary>Removes namespaces, and with them their devices, and the directory.</summary>
    internal static void RemoveObjects(LabName lab)
    {
        RemoveNamespaces(NamespacesOf(lab));
        if (Directory.Exists(lab.Directory))
        {
            Attempt($"{lab.Directory} stays", () =>
            {
                // A small disk of the chaos run, or what somebody mounted by hand.
                Mounts.DetachBelow(lab.Directory);
                Directory.Delete(lab.Directory, recursive: true);
            });
        }
    }

    internal static void RemoveNamespaces(IEnumerable<string> namespaces)
    {
        LabException? failure = null;
        foreach (string name in namespaces)
        {
            try
            {
                Attempt($"namespace {name} stays", () => NetworkNamespace.Delete(name));
            }
            catch (LabException e)
            {
                failure = e;
            }
        }
        if (failure is not null)
            throw failure;
    }

    private static LabName[] Existing() =>
        [.. NetworkNamespace.Names().Select(LabName.OfNamespace).OfType<LabName>().Concat(LabName.WithDirectory()).Distinct()];

    private static IEnumerable<ProcessKey> ProcessesIn(string name)
    {
        try
        {
            using var inside = NetworkNamespace.Open(name);
            return inside.ProcessesInside().Where(id => id != Environment.ProcessId).Select(ProcessKey.Find).OfType<ProcessKey>().ToArray();
        }
        catch (IOException)
        {
            // A name without a namespace, from a creation that was cut short.
            return [];
        }
    }

    private static void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Somebody else was faster.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"{what}: {e.Message}", inner: e);
        }
    }
}
