using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>Programs that print what the test says, and note what they are told to change.</summary>
internal sealed class FakeIptables : IToolRunner
{
    /// <summary>What iptables-save prints of a table, by program and table.</summary>
    public Dictionary<(string Program, string Table), string> Saved { get; } = new()
    {
        [("iptables", "filter")] = ":DOCKER-USER - [0:0]\n",
        [("ip6tables", "filter")] = ":DOCKER-USER - [0:0]\n",
    };

    /// <summary>Program and table of which every change is refused.</summary>
    public (string Program, string Table)? Refused { get; set; }

    /// <summary>Standard error of every look; null where looking is allowed.</summary>
    public string? Blind { get; set; }

    public List<string> Missing { get; } = [];

    /// <summary>Each change, refused or not, as "program table: rules".</summary>
    public List<string> Told { get; } = [];

    public bool Has(string program) => !Missing.Exists(program.StartsWith);

    public ToolResult Run(string program, IReadOnlyList<string> arguments, string input = "")
    {
        string family = program[..program.IndexOf('-', StringComparison.Ordinal)];
        if (program.EndsWith("-save", StringComparison.Ordinal))
            return Blind is { } error ? new ToolResult(4, "", error, 1) : new ToolResult(0, Saved.GetValueOrDefault((family, arguments[1]), ""), "", 1);
        string[] lines = input.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string table = lines[0][1..];
        Told.Add($"{family} {table}: {string.Join("; ", lines[1..^1].Select(line => line.Split(" -m ")[0]))}");
        return Refused == (family, table) ? new ToolResult(4, "", "iptables-restore v1.8.9 (nf_tables): \nline 2: RULE_INSERT failed (Operation not supported)\n", 1) : new ToolResult(0, "", "", 1);
    }
}
