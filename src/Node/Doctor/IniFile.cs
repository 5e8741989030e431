namespace AkkaOverlay.Node.Doctor;

/// <summary>systemd's and NetworkManager's kind of configuration: sections of assignments (systemd.syntax(7)).</summary>
internal static class IniFile
{
    /// <returns>Section, key, value, in order.</returns>
    public static IEnumerable<(string Section, string Key, string Value)> Read(string text)
    {
        string section = "";
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('[') && line.EndsWith(']'))
                section = line[1..^1];
            else if (line.Length > 0 && line[0] is not ('#' or ';') && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                yield return (section, line[..equals].Trim(), line[(equals + 1)..].Trim());
        }
    }

    /// <summary>Of several files in their order, the last word on one key; null where none says it.</summary>
    public static string? Last(IEnumerable<string> files, string section, string key) =>
        files.SelectMany(Read).LastOrDefault(line => line.Section == section && line.Key == key).Value;

    public static bool IsNo(string? value) => value?.ToLowerInvariant() is "no" or "false" or "0" or "off";

    /// <summary>Shell patterns with '*' and '?', separated by white space; one with '!' in front turns the list round (systemd.network(5), Name=).</summary>
    public static bool Matches(string patterns, string name)
    {
        bool not = patterns.StartsWith('!');
        bool any = (not ? patterns[1..] : patterns).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Any(pattern => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
        return any != not;
    }
}
