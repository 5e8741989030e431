using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What real shells offer for a line that is half typed.</summary>
public sealed class CompletionSpecs : IClassFixture<SharedLab>
{
    /// <summary>Line, words that are offered among others, and words that are not.</summary>
    public static TheoryData<string, string[], string[]> Lines => new()
    {
        { "", ["run", "cluster", "lease", "completion"], ["show", "words"] },
        { "clu", ["cluster"], ["lease"] },
        { "cluster ", ["show", "status", "members", "down-unreachable", "tail"], ["run"] },
        { "cluster down", ["down", "down-unreachable"], ["join"] },
        { "cluster down --f", ["--force"], ["--json"] },
        { "cluster show --", ["--role", "--json", "--watch", "--run-dir"], ["--force"] },
        { "cluster tail --type Member", ["MemberEvent", "MemberUp"], ["LeaderChanged"] },
        { "completion ", ["bash", "zsh"], ["fish"] },
        { "run --on-exit ", ["auto", "keep", "release"], ["text"] },
        { "run --on-exit k", ["keep"], ["auto"] },
        { "run --on-exit=k", ["--on-exit=keep"], ["--on-exit=auto"] },
        { "cluster --he", ["--help"], ["--json"] },
        { "cluster show -", ["--role"], ["-r"] },
        { "run --bootstrap --log-f", ["--log-format"], ["--bridge"] },
        { "lab --backend ", ["vxlan", "host-gw", "udp"], ["aws-vpc", "gce"] },
    };

    private readonly SharedLab shared;
    private readonly ITestOutputHelper output;

    public CompletionSpecs(SharedLab shared, ITestOutputHelper output)
    {
        this.shared = shared;
        this.output = output;
        shared.Output = output;
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Bash_offers_what_fits(string line, string[] offered, string[] not)
    {
        // Bash has cut the word at an equal sign, and keeps what stands before it.
        var rest = offered.Select(word => word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        Compare(line, await Bash(line), [.. rest], not);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Zsh_offers_what_fits(string line, string[] offered, string[] not) => Compare(line, await Zsh(line), offered, not);

    [Fact]
    public async Task The_running_nodes_members_and_subnets_are_offered()
    {
        await shared.WholeAsync();
        string where = $"--run-dir {shared.Lab[1].RunDirectory}";
        // Bash has cut the word at its colon: what stands before that is on the line already.
        Assert.Equal(["4053"], await Bash($"cluster down {where} 192.168.77.3:"));
        Compare("leave", await Bash($"cluster leave {where} 192"), ["192.168.77.1:4053", "192.168.77.2:4053", "192.168.77.3:4053"], ["10.244.1.0/24"]);
        Compare("leave", await Zsh($"cluster leave {where} 192"), ["192.168.77.1:4053", "192.168.77.2:4053", "192.168.77.3:4053"], ["10.244.1.0/24"]);
        Compare("lease", await Bash($"lease show {where} 10.244.2"), ["10.244.2.0/24"], ["10.244.1.0/24"]);
        Assert.Empty(await Bash("cluster down --run-dir /nonexistent-run-directory 192"));
    }

    [Fact]
    public async Task Another_shell_is_refused()
    {
        var said = await Command.AkkaOverlay("completion", "fish");
        Assert.Equal(2, said.ExitCode);
        Assert.Single(said.Error.TrimEnd().Split('\n'));
    }

    private void Compare(string line, string[] found, string[] offered, string[] not)
    {
        output.WriteLine($"{line} -> {string.Join(' ', found)}");
        Assert.All(offered, word => Assert.Contains(word, found));
        Assert.All(not, word => Assert.DoesNotContain(word, found));
    }

    /// <summary>The variables as bash sets them (bash(1), Programmable Completion): a colon is a word of its own.</summary>
    private static Task<string[]> Bash(string line) => Run("bash", """
        source <("$PROGRAM" completion bash)
        complete -p akka-overlay >/dev/null || exit 1
        COMP_LINE="$PROGRAM $LINE" COMP_POINT=${#COMP_LINE}
        COMP_WORDS=("$PROGRAM" x) COMP_CWORD=1
        _akka_overlay
        printf '%s\n' "${COMPREPLY[@]}"
        """, line);

    private static Task<string[]> Zsh(string line) => Run("zsh", """
        compdef() { :; }
        compadd() { print -rl -- "${found[@]}"; }
        _files() { :; }
        source <("$PROGRAM" completion zsh)
        words=("$PROGRAM" "${(@s: :)LINE}") CURRENT=${#words}
        _akka-overlay
        """, line);

    private static async Task<string[]> Run(string shell, string script, string line)
    {
        var said = await Command.Run(null, "env", $"PROGRAM={Command.Executable}", $"LINE={line}", shell, "-c", script);
        Assert.True(said is { ExitCode: 0, Error: "" }, said.ToString());
        return said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
