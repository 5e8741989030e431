using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>Programs of the test's own making.</summary>
internal sealed class FakeTools : IToolRunner
{
    public Dictionary<string, Func<IReadOnlyList<string>, string, ToolResult>> Programs { get; } = [];

    /// <summary>What was given to each program, in order.</summary>
    public List<(string Program, string Arguments, string Input)> Runs { get; } = [];

    public bool Has(string program) => Programs.ContainsKey(program);

    public ToolResult Run(string program, IReadOnlyList<string> arguments, string input = "")
    {
        Runs.Add((program, string.Join(' ', arguments), input));
        return Programs.TryGetValue(program, out var run) ? run(arguments, input) : throw new ToolException($"{program} is not in PATH", isMissing: true);
    }

    public static ToolResult Done(string output = "") => new(0, output, "", 4711);

    public static ToolResult Refused(string error) => new(1, "", error, 4711);
}
