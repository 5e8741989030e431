using System.Diagnostics;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Kernel.Tests.Programs;

/// <summary>Programs of an operator: what they get, and how they end.</summary>
public sealed class ProgramRunnerSpecs
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Arguments_environment_and_input_arrive_as_they_are_and_nothing_else_does()
    {
        Environment.SetEnvironmentVariable("AKKA_OVERLAY_SPEC_SECRET", "secret");
        var result = await Run(["sh", "-c", "printf '%s|' \"$@\"; cat; env", "x", "a b", "$(id)", "'; id"], "in $(id)\n");
        Assert.True(result.Succeeded);
        Assert.StartsWith("a b|$(id)|'; id|in $(id)\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nSUBNET=10.244.2.0/24\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("PATH=", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-program", "no-such-program is not in PATH")]
    [InlineData("/no/such/program", "/no/such/program is no file that can be executed")]
    [InlineData("/proc/version", "/proc/version is no file that can be executed")]
    public async Task One_that_cannot_be_run_is_said(string program, string expected) => Assert.Equal(expected, (await Run([program])).Failure);

    [Fact]
    public async Task Exit_status_and_what_it_says_are_passed_on_and_output_has_an_end()
    {
        var result = await Run(["sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo why >&2; exit 3"]);
        Assert.Equal((3, ProgramRunner.MaxOutput, "why\n", false), (result.ExitCode, result.Output.Length, result.Error, result.Succeeded));
    }

    [Fact]
    public async Task One_that_hangs_is_killed_with_everything_that_it_started()
    {
        using var folder = new TemporaryFile();
        // The inner one leaves its parent, and is nobody's child that could be followed.
        var result = await Run(["sh", "-c", $"(sh -c 'sleep 61 & echo $! > {folder.Name}; wait' &) ; sleep 60"], limit: TimeSpan.FromMilliseconds(700));
        Assert.Equal("did not end within 0.7 s and was killed", result.Failure);
        int orphan = int.Parse(await File.ReadAllTextAsync(folder.Name));
        for (int i = 0; i < 50 && IsAlive(orphan); i++)
            await Task.Delay(20);
        Assert.False(IsAlive(orphan));
    }

    [Fact]
    public async Task One_that_leaves_a_child_behind_with_its_streams_has_ended()
    {
        using var folder = new TemporaryFile();
        long began = Stopwatch.GetTimestamp();
        var result = await Run(["sh", "-c", $"sleep 30 & echo $! > {folder.Name}; echo here"]);
        Assert.Equal((true, "here\n"), (result.Succeeded, result.Output));
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        int child = int.Parse(await File.ReadAllTextAsync(folder.Name));
        string? pipe = new FileInfo($"/proc/{child}/fd/1").LinkTarget;
        Assert.StartsWith("pipe:", pipe, StringComparison.Ordinal);
        Assert.DoesNotContain(pipe, new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(open => open.LinkTarget));
        Process.GetProcessById(child).Kill();
    }

    [Fact]
    public async Task One_that_fails_leaves_nobody_behind()
    {
        using var folder = new TemporaryFile();
        long began = Stopwatch.GetTimestamp();
        var result = await Run(["sh", "-c", $"sleep 62 & echo $! > {folder.Name}; echo why >&2; exit 3"]);
        Assert.Equal((3, "why\n"), (result.ExitCode, result.Error));
        int child = int.Parse(await File.ReadAllTextAsync(folder.Name));
        for (int i = 0; i < 50 && IsAlive(child); i++)
            await Task.Delay(20);
        Assert.False(IsAlive(child));
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static bool IsAlive(int id) => File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static Task<ProgramResult> Run(string[] command, string input = "", TimeSpan? limit = null) => new ProgramRunner().RunAsync(
        new ProgramCall(command, new Dictionary<string, string> { ["SUBNET"] = "10.244.2.0/24" }, input, limit ?? Long), CancellationToken.None);

    private sealed class TemporaryFile : IDisposable
    {
        public string Name { get; } = Path.GetTempFileName();

        public void Dispose() => File.Delete(Name);
    }
}
