using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Kernel.Tests.Netfilter;

/// <summary>Programs that are missing, hang, or neither read nor stop printing.</summary>
public sealed class ToolRunnerSpecs : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("akka-overlay-tools-");

    [Fact]
    public void A_program_that_is_not_there_and_one_that_never_ends_are_said()
    {
        var tools = new ToolRunner(patience: TimeSpan.FromMilliseconds(300));
        var missing = Assert.Throws<ToolException>(() => tools.Run("no-such-program", []));
        Assert.Equal(("no-such-program is not in PATH", true), (missing.Message, missing.IsMissing));
        Assert.Equal("sleep did not end within 0.3 s", Assert.Throws<ToolException>(() => tools.Run("sleep", ["60"])).Message);
        Assert.Equal("in", new ToolRunner().Run("cat", [], "in").Output);
    }

    /// <summary>More than a pipe holds (64 KiB), each way at once and one way only.</summary>
    [Theory]
    [InlineData("false", 1, 0)]
    [InlineData("head -c 1000000 /dev/zero", 0, 1_000_000)]
    [InlineData("head -c 1000000 /dev/zero; cat", 0, 2_000_000)]
    public async Task One_that_does_not_read_or_prints_before_it_reads_keeps_nobody_waiting(string script, int exitCode, int printed)
    {
        var patience = TimeSpan.FromSeconds(30);
        var result = await Task.Run(() => new ToolRunner(patience: patience).Run("sh", ["-c", script], new string('x', 1_000_000))).WaitAsync(patience);
        Assert.Equal((exitCode, printed), (result.ExitCode, result.Output.Length));
    }

    [Fact]
    public void A_folder_that_PATH_does_not_lead_to_is_looked_into_where_that_is_asked_for()
    {
        string name = $"tool-of-{folder.Name}", file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, "#!/bin/sh\necho found\n");
        var tools = new ToolRunner { MoreFolders = [folder.FullName] };
        Assert.False(tools.Has(name), "it may not be executed yet");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal("found\n", tools.Run(name, []).Output);
        Assert.False(new ToolRunner().Has(name));
        Assert.Equal($"nothing is not in PATH or {folder.FullName}", Assert.Throws<ToolException>(() => tools.Run("nothing", [])).Message);
    }

    [Theory]
    [InlineData("exit status 4", "")]
    [InlineData("exit status 4", "\n# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n")]
    [InlineData("iptables-save: no", "# Warning: iptables-legacy tables present\niptables-save: no\n")]
    [InlineData("iptables-restore v1.8.9 (nf_tables): line 2: RULE_APPEND failed", "iptables-restore v1.8.9 (nf_tables): \nline 2: RULE_APPEND failed\nand more\n")]
    [InlineData("alone:", "alone:\n")]
    [InlineData("Error: first", "Error: first\nadd table\n    ^^^\n")]
    public void The_reason_is_one_line_that_says_something(string reason, string error) => Assert.Equal(reason, new ToolResult(4, "", error, 1).Reason);

    public void Dispose() => folder.Delete(recursive: true);
}
