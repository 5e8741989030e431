namespace AkkaOverlay.Node.Cli;

/// <summary>Names of hosts in a terminal's table, where a cloud's long ones leave no room for anything else.</summary>
internal static class HostLabels
{
    /// <summary>Characters of a name that is shown whole.</summary>
    private const int Longest = 24;

    /// <returns>The names, or where one is too long and it is clear which host is meant, what stands before each one's first dot.</returns>
    public static Func<string, string> For(IEnumerable<string> names)
    {
        var all = names.Distinct().ToList();
        return all.Any(name => name.Length > Longest) && all.Select(First).Distinct().Count() == all.Count ? First : name => name;
    }

    private static string First(string name) => name.Split('.')[0];
}
