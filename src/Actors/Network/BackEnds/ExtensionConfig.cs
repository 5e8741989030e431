using System.Text.Json;

namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>extension</c>: the operator's own commands make the network (docs/backends.md). A command that is null is not run.</summary>
public sealed record ExtensionConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "extension";

    public const int DefaultTimeout = 30;

    /// <summary>Runs before the others hear of this host; its standard output is published with the lease.</summary>
    public ExtensionCommand? PreStartupCommand { get; init; }

    /// <summary>Runs once the lease is held.</summary>
    public ExtensionCommand? PostStartupCommand { get; init; }

    /// <summary>Runs for every other host that has a lease.</summary>
    public ExtensionCommand? SubnetAddCommand { get; init; }

    /// <summary>Runs for every other host whose lease has ended.</summary>
    public ExtensionCommand? SubnetRemoveCommand { get; init; }

    /// <summary>Runs when this host has given its lease back, and for <c>cleanup</c>; flannel reads it and never runs it.</summary>
    public ExtensionCommand? ShutdownCommand { get; init; }

    /// <summary>Seconds that a command may take, 1 to 600. Ours, beside flannel's.</summary>
    public int CommandTimeout { get; init; } = DefaultTimeout;

    internal static ExtensionConfig Read(JsonFields options) => new()
    {
        PreStartupCommand = Command(options, "PreStartupCommand", Extension.ExtensionNames.OfHost),
        PostStartupCommand = Command(options, "PostStartupCommand", Extension.ExtensionNames.OfLease),
        SubnetAddCommand = Command(options, "SubnetAddCommand", Extension.ExtensionNames.OfPeer),
        SubnetRemoveCommand = Command(options, "SubnetRemoveCommand", Extension.ExtensionNames.OfPeer),
        ShutdownCommand = Command(options, "ShutdownCommand", Extension.ExtensionNames.OfLease),
        CommandTimeout = options.Number("CommandTimeout", DefaultTimeout, min: 1, max: 600),
    };

    internal override void Write(OptionWriter options)
    {
        Write(options, "PreStartupCommand", PreStartupCommand);
        Write(options, "PostStartupCommand", PostStartupCommand);
        Write(options, "SubnetAddCommand", SubnetAddCommand);
        Write(options, "SubnetRemoveCommand", SubnetRemoveCommand);
        Write(options, "ShutdownCommand", ShutdownCommand);
        options.Number("CommandTimeout", CommandTimeout);
    }

    private static void Write(OptionWriter options, string name, ExtensionCommand? command)
    {
        if (command is null)
            options.Text(name, null);
        else
            options.List(name, command.Arguments);
    }

    private static ExtensionCommand? Command(JsonFields options, string name, IReadOnlyList<string> values)
    {
        const string rule = "must be a list of a program and its arguments, such as [\"ip\", \"route\", \"replace\", \"$SUBNET\"], or these in one string, without NUL characters";
        if (!options.Find(name, out var given))
            return null;
        bool isList = given.ValueKind == JsonValueKind.Array;
        string[] words = [.. (isList ? given.EnumerateArray() : Enumerable.Repeat(given, 1)).Select(word => options.Text(name, word, rule))];
        if (words.Any(word => word.Contains('\0')) || (isList && (words.Length == 0 || words[0].Length == 0)))
            throw options.Refuse(name, given, rule);
        if (!isList)
        {
            if (ShellText.Objection(words[0], values) is { } objection)
                throw options.Refuse(name, given, objection);
            words = words[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                return null;
        }
        if (words[0].Contains('/') && words[0][0] != '/')
            throw options.Refuse(name, words[0], "must begin with a program by its absolute path, or by its name alone, which is looked up in PATH");
        return new ExtensionCommand([.. words]);
    }
}

/// <summary>A command of the extension back end. No shell ever sees it.</summary>
public sealed record ExtensionCommand
{
    /// <param name="arguments">The program first; at least that.</param>
    public ExtensionCommand(EquatableArray<string> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfZero(arguments.Count, nameof(arguments));
        Arguments = arguments;
    }

    /// <summary>The program, then its arguments.</summary>
    public EquatableArray<string> Arguments { get; }
}
