using System.Text.Json;

namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>extension</c>: the operator's own commands make the network. A command that is null is not run.</summary>
public sealed record ExtensionConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "extension";

    /// <summary>Runs before the lease is asked for; its standard output is published with the lease.</summary>
    public ExtensionCommand? PreStartupCommand { get; init; }

    /// <summary>Runs once the lease is held.</summary>
    public ExtensionCommand? PostStartupCommand { get; init; }

    /// <summary>Runs for every other host that has a lease.</summary>
    public ExtensionCommand? SubnetAddCommand { get; init; }

    /// <summary>Runs for every other host whose lease has ended.</summary>
    public ExtensionCommand? SubnetRemoveCommand { get; init; }

    internal static ExtensionConfig Read(JsonFields options, List<string> warnings)
    {
        var config = new ExtensionConfig
        {
            PreStartupCommand = Command(options, "PreStartupCommand"),
            PostStartupCommand = Command(options, "PostStartupCommand"),
            SubnetAddCommand = Command(options, "SubnetAddCommand"),
            SubnetRemoveCommand = Command(options, "SubnetRemoveCommand"),
        };
        // Flannel's own examples carry it, and flannel ignores it too; refusing it would refuse them.
        if (options.Find("ShutdownCommand", out _))
            warnings.Add("Backend.ShutdownCommand: has no effect; the network stays when the process ends.");
        return config;
    }

    internal override void Write(OptionWriter options)
    {
        Write(options, "PreStartupCommand", PreStartupCommand);
        Write(options, "PostStartupCommand", PostStartupCommand);
        Write(options, "SubnetAddCommand", SubnetAddCommand);
        Write(options, "SubnetRemoveCommand", SubnetRemoveCommand);
    }

    private static void Write(OptionWriter options, string name, ExtensionCommand? command)
    {
        if (command is { Line: null })
            options.List(name, command.Arguments);
        else
            options.Text(name, command?.Line);
    }

    private static ExtensionCommand? Command(JsonFields options, string name)
    {
        const string rule = "must be a command line, or a list of a program and its arguments, without NUL characters";
        if (!options.Find(name, out var value))
            return null;
        bool isList = value.ValueKind == JsonValueKind.Array;
        IEnumerable<JsonElement> given = isList ? value.EnumerateArray() : [value];
        string[] words = [.. given.Select(word => options.Text(name, word, rule))];
        if (words.Any(word => word.Contains('\0')) || (isList && (words.Length == 0 || words[0].Length == 0)))
            throw options.Refuse(name, value, rule);
        if (isList)
            return ExtensionCommand.OfArguments([.. words]);
        return string.IsNullOrWhiteSpace(words[0]) ? null : ExtensionCommand.OfLine(words[0]);
    }
}

/// <summary>A command of the extension back end: flannel's one line, or ours, a program and its arguments that need no quoting.</summary>
public sealed record ExtensionCommand
{
    private ExtensionCommand()
    {
    }

    /// <summary>The command as one line; null when it is given by <see cref="Arguments"/>.</summary>
    public string? Line { get; private init; }

    /// <summary>The program, then its arguments; empty when the command is given by <see cref="Line"/>.</summary>
    public EquatableArray<string> Arguments { get; private init; }

    /// <param name="line">Not blank.</param>
    public static ExtensionCommand OfLine(string line)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(line);
        return new ExtensionCommand { Line = line };
    }

    /// <param name="arguments">The program first; at least that.</param>
    public static ExtensionCommand OfArguments(EquatableArray<string> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfZero(arguments.Count, nameof(arguments));
        return new ExtensionCommand { Arguments = arguments };
    }
}
