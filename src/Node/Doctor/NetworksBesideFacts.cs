using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Doctor;

/// <summary>Looks for the other networks of this machine: by the names that their nodes hold while they run, and by their directories. What cannot be read is left out.</summary>
internal static class NetworksBesideFacts
{
    private const string Sockets = "/proc/net/unix";

    public static NetworksBeside Read(RunOptions run)
    {
        var states = Directories(RunOptions.DefaultStateDirectory, run.StateDirectory, run.Network);
        var runs = Directories(RunOptions.DefaultRunDirectory, run.RunDirectory, run.Network);
        var nodes = states.Select(one => (one.Name, Node: NodeIn(one.Path))).Where(one => one.Node is not null).ToList();
        var subnets = runs.Select(one => (one.Name, Subnets: SubnetsIn(one.Path))).Where(one => one.Subnets.Count > 0).ToList();
        var running = File.Exists(Sockets) ? Running(File.ReadAllText(Sockets)) : [];
        return new NetworksBeside(
            [.. running.Concat(nodes.Select(one => one.Name)).Concat(subnets.Select(one => one.Name)).Where(name => name != run.Network).Distinct().OrderBy(name => name.Text, StringComparer.Ordinal)],
            [.. nodes.Select(one => one.Node!.Value).Distinct()],
            [.. subnets.SelectMany(one => one.Subnets).Distinct()]);
    }

    /// <param name="table">/proc/net/unix: an abstract name is the last field, with '@' for each octet 0 (proc_net(5)).</param>
    internal static IEnumerable<NetworkName> Running(string table)
    {
        string start = $"@{NodeClaim.NamePrefix}";
        foreach (string line in table.Split('\n'))
        {
            int at = line.IndexOf(start, StringComparison.Ordinal);
            if (at < 0)
                continue;
            string text = line[(at + start.Length)..].TrimEnd('@', ' ');
            if (text.Length == 0)
                yield return NetworkName.Default;
            else if (NetworkName.TryParse(text, out var name))
                yield return name;
        }
    }

    /// <summary>The default network's directory holds the others', each called by its name.</summary>
    /// <param name="usual">The default network's, where nobody says another.</param>
    /// <param name="own">This network's, which is left out.</param>
    internal static IReadOnlyList<(NetworkName Name, string Path)> Directories(string usual, string own, NetworkName network)
    {
        string? above = network.IsDefault ? own : Path.GetFileName(own) == network.Text ? Path.GetDirectoryName(own) : null;
        var found = new List<(NetworkName Name, string Path)>();
        foreach (string root in new[] { usual, above }.OfType<string>().Distinct().Where(Directory.Exists))
        {
            found.Add((NetworkName.Default, root));
            foreach (string path in SubdirectoriesOf(root))
            {
                if (NetworkName.TryParse(Path.GetFileName(path), out var name))
                    found.Add((name, path));
            }
        }
        return [.. found.Where(one => one.Name != network && one.Path != own)];
    }

    private static string[] SubdirectoriesOf(string root)
    {
        try
        {
            return Directory.GetDirectories(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static NodeId? NodeIn(string directory)
    {
        try
        {
            return NodeIdentity.Find(NodeIdentity.FileIn(directory));
        }
        catch (StartException)
        {
            return null;
        }
    }

    private static IReadOnlyList<IpPrefix> SubnetsIn(string directory)
    {
        try
        {
            return SubnetEnvFile.Subnets(SubnetEnvFile.Read(Path.Combine(directory, "subnet.env")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
