namespace AkkaOverlay.Actors.Firewall;

/// <summary>What iptables-save prints: rules by table and chain, each without its <c>-A CHAIN</c>.</summary>
public sealed class IptablesDump
{
    private readonly Dictionary<(string Table, string Chain), List<string>> chains = [];

    public static IptablesDump Parse(string text)
    {
        var dump = new IptablesDump();
        string table = "";
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '*')
                table = line[1..];
            else if (line[0] == ':')
                dump.chains.TryAdd((table, line[1..].Split(' ')[0]), []);
            else if (line.StartsWith("-A ", StringComparison.Ordinal))
                dump.Add(table, line[3..]);
        }
        return dump;
    }

    /// <summary>Null where there is no such chain.</summary>
    public List<string>? Rules(string table, string chain) => chains.GetValueOrDefault((table, chain));

    private void Add(string table, string rule)
    {
        int blank = rule.IndexOf(' ', StringComparison.Ordinal);
        string chain = blank < 0 ? rule : rule[..blank];
        if (!chains.TryGetValue((table, chain), out var rules))
            chains[(table, chain)] = rules = [];
        rules.Add(blank < 0 ? "" : rule[(blank + 1)..]);
    }
}
