using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Node.Options;

/// <summary>Where a node has its files: what a command needs to know that works on them while no node runs.</summary>
public sealed record NodeDirectories(string State, string Run, string SubnetFile)
{
    /// <summary>Those options of <c>run</c> that say so; node.json and the environment count as they do for <c>run</c>.</summary>
    public static readonly OptionSpec[] Specs = [.. RunOptions.Specs.Where(spec => spec.Name is "network" or "state-dir" or "run-dir" or "subnet-file")];

    public NetworkName Network { get; init; }

    /// <exception cref="UsageException">An option is empty, or was given more than once, or the network's name is none.</exception>
    public static NodeDirectories From(IReadOnlyDictionary<string, OptionValue> given)
    {
        var network = RunOptions.NetworkOf(given);
        string run = Text(given, "run-dir") ?? RunOptions.RunDirectoryOf(network);
        return new NodeDirectories(
            Text(given, "state-dir") ?? RunOptions.StateDirectoryOf(network),
            run,
            Text(given, "subnet-file") ?? Path.Combine(run, "subnet.env"))
        {
            Network = network,
        };
    }

    /// <summary>Whose subnet.env a file is, by the place where it is by default; null where that says nothing.</summary>
    public static NetworkName? OwnerOf(string subnetFile)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(subnetFile))!;
        return folder == RunOptions.DefaultRunDirectory ? NetworkName.Default
            : Path.GetDirectoryName(folder) == RunOptions.DefaultRunDirectory && NetworkName.TryParse(Path.GetFileName(folder), out var name) ? name
            : null;
    }

    private static string? Text(IReadOnlyDictionary<string, OptionValue> given, string name) => given.GetValueOrDefault(name) switch
    {
        null => null,
        { Values: [{ Length: > 0 } value] } => value,
        { Values: [_] } empty => throw new UsageException($"{empty.Source} '': must not be empty"),
        var several => throw new UsageException($"{several.Source}: given {several.Values.Count} times, takes one value"),
    };
}
