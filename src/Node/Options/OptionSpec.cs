using System.CommandLine;
using System.Text.Json;

namespace AkkaOverlay.Node.Options;

/// <summary>Bad usage: an unknown option or a bad value; one line, exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>One option of <c>run</c>, wherever it is given.</summary>
/// <param name="Name">Without dashes: "net-conf" is <c>--net-conf</c>, AKKA_OVERLAY_NET_CONF and the key "net-conf" of node.json.</param>
/// <param name="Value">What the help calls its value; empty for a switch, which stands for true.</param>
/// <param name="Separator">Between the values of a repeated option in its environment variable; null where a value may hold anything, so that the variable is one value.</param>
public sealed record OptionSpec(string Name, string Value, string Description, bool Repeats = false, char? Separator = ',')
{
    public string EnvironmentName => $"AKKA_OVERLAY_{Name.Replace('-', '_').ToUpperInvariant()}";

    public bool IsSwitch => Value.Length == 0;

    /// <summary>What stands for the value where only the name is typed; null where a value has to follow.</summary>
    public string? Bare { get; init; } = Value.Length == 0 ? "true" : null;

    /// <summary>The words that the value is one of; none where it may be anything.</summary>
    public IReadOnlyList<string> Words => IsSwitch ? ["true", "false"] : Value.Contains('|') && !Value.Any(char.IsAsciiLetterUpper) ? Value.Split('|') : [];

    public Option<string[]> ToOption()
    {
        var option = new Option<string[]>($"--{Name}")
        {
            Description = Description,
            HelpName = IsSwitch ? "true|false" : Value,
            Arity = Bare is not null ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        // For shells only: what is wrong with a value is said by whoever reads it, wherever it was given.
        option.CompletionSources.Add([.. Words]);
        return option;
    }

    /// <param name="typed">The values on the command line; none for an option that only is there.</param>
    public IReadOnlyList<string>? Given(string[]? typed) => Bare is { } bare && (typed is null or { Length: 0 }) ? [bare] : typed;
}

/// <summary>The values given for one option, and where: named in error messages.</summary>
public sealed record OptionValue(string Source, IReadOnlyList<string> Values);

/// <summary>Gathers options from the command line, the environment and node.json, in this order of precedence.</summary>
public static class OptionSources
{
    /// <exception cref="UsageException">The file has an unknown key or a value of the wrong kind.</exception>
    public static Dictionary<string, OptionValue> Gather(
        IReadOnlyList<OptionSpec> specs,
        Func<OptionSpec, IReadOnlyList<string>?> commandLine,
        Func<string, string?> environment,
        string nodeFile)
    {
        var file = ReadFile(specs, nodeFile);
        var values = new Dictionary<string, OptionValue>();
        foreach (var spec in specs)
        {
            if (commandLine(spec) is { Count: > 0 } typed)
                values[spec.Name] = new OptionValue($"--{spec.Name}", typed);
            else if (environment(spec.EnvironmentName) is { Length: > 0 } variable)
                values[spec.Name] = new OptionValue(spec.EnvironmentName, Split(spec, variable));
            else if (file.TryGetValue(spec.Name, out var inFile))
                values[spec.Name] = inFile;
        }
        return values;
    }

    private static string[] Split(OptionSpec spec, string variable) => spec is { Repeats: true, Separator: { } separator }
        ? variable.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [variable];

    private static Dictionary<string, OptionValue> ReadFile(IReadOnlyList<OptionSpec> specs, string nodeFile)
    {
        try
        {
            return File.Exists(nodeFile) ? Read(specs, nodeFile, File.ReadAllText(nodeFile)) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{nodeFile}: {e.Message}");
        }
    }

    /// <param name="nodeFile">Where the text comes from, for messages.</param>
    internal static Dictionary<string, OptionValue> Read(IReadOnlyList<OptionSpec> specs, string nodeFile, string text)
    {
        var values = new Dictionary<string, OptionValue>();
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new UsageException($"{nodeFile}: not a JSON object");
            foreach (var property in document.RootElement.EnumerateObject())
            {
                var spec = specs.FirstOrDefault(spec => spec.Name.Equals(property.Name, StringComparison.OrdinalIgnoreCase))
                    ?? throw new UsageException($"{nodeFile}: unknown option '{property.Name}'");
                if (!values.TryAdd(spec.Name, new OptionValue($"{nodeFile}, {spec.Name}", ValuesOf(spec, property.Value, nodeFile))))
                    throw new UsageException($"{nodeFile}: '{property.Name}' is given twice");
            }
        }
        catch (JsonException e)
        {
            throw new UsageException($"{nodeFile}: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // JSON can spell half of a surrogate pair ("\ud800"); System.Text.Json finds out only when asked for the text.
            throw new UsageException($"{nodeFile}: has half a surrogate pair, which is no text");
        }
        return values;
    }

    private static List<string> ValuesOf(OptionSpec spec, JsonElement value, string nodeFile) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [value.GetRawText()],
        JsonValueKind.Array when spec.Repeats => [.. value.EnumerateArray().SelectMany(item => ValuesOf(spec with { Repeats = false }, item, nodeFile))],
        _ => throw new UsageException($"{nodeFile}, {spec.Name}: {value.GetRawText()} is not {(spec.Repeats ? "a list of texts" : "a text or a number")}"),
    };
}
