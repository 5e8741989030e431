using System.Buffers;
using AkkaOverlay.Actors.Extension;

namespace AkkaOverlay.Actors.Network;

/// <summary>A command in one string is split at blanks and nothing more: what a shell would make something else of must not be mistaken for it.</summary>
internal static class ShellText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("'\"`\\;&|<>(){}[]*?~#!$\n\r");

    private const string AsList = "and no shell runs: write a list, [\"/bin/sh\", \"-c\", \"...\"] where it must be a shell, or better the program and its arguments, such as [\"ip\", \"route\", \"replace\", \"$SUBNET\"]";

    /// <param name="values">Names that the command may use as <c>$NAME</c>.</param>
    /// <returns>Why the text is ambiguous; null where it is not.</returns>
    public static string? Objection(string text, IReadOnlyList<string> values)
    {
        // Its own names are the only thing with a dollar that is understood.
        string rest = ValueNames.Replace(text, name => values.Contains(name) ? "" : null);
        int found = rest.AsSpan().IndexOfAny(Special);
        if (found >= 0)
            return $"has {Name(rest[found..])}, {AsList}";
        return rest.TrimStart().Split(' ')[0].Contains('=') ? $"begins with an assignment, {AsList}" : null;
    }

    private static string Name(string rest) => rest[0] switch
    {
        '\n' or '\r' => "several lines",
        '$' => ValueNames.First(rest) is { } name ? $"${name}, which has no value there," : "'$'",
        var special => $"'{special}'",
    };
}
