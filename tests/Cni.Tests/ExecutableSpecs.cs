using System.Diagnostics;
using Xunit.Abstractions;

namespace AkkaOverlay.Cni.Tests;

/// <summary>The program as it is published.</summary>
public sealed class ExecutableSpecs(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> Version = new() { ["CNI_COMMAND"] = "VERSION" };

    /// <summary>Goal: below 50 ms, beside what a bridge costs anyway.</summary>
    [PublishedFact]
    public void It_starts_in_no_time()
    {
        double[] took = [.. Enumerable.Range(0, 21).Select(_ =>
        {
            long began = Stopwatch.GetTimestamp();
            Assert.Equal(0, Executable.Run(Executable.Path, [], Version).Status);
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }).Skip(1).Order()];
        output.WriteLine($"measured: VERSION, start to end, 20 times: median {took[took.Length / 2]:0.0} ms, slowest {took[^1]:0.0} ms; {new FileInfo(Executable.Path).Length / 1e6:0.0} MB of program");
        Assert.True(took[took.Length / 2] < 50, string.Join(", ", took.Select(one => $"{one:0.0}")));
    }

    [PublishedFact]
    public void It_needs_no_runtime_beside_it() =>
        Assert.Equal(["akka-overlay-cni"], Directory.GetFiles(Path.GetDirectoryName(Executable.Published)!).Select(Path.GetFileName));

    [Fact]
    public void Its_help_and_its_version_are_for_people()
    {
        Assert.Contains("10-akka-overlay.conflist", Executable.Run(Executable.Path, ["--help"], Version).Output, StringComparison.Ordinal);
        Assert.Matches(@"^akka-overlay-cni \d+\.\d+\.\d+, CNI 0\.3\.0, .*1\.1\.0\n$", Executable.Run(Executable.Path, ["--version"], Version).Output);
        var unknown = Executable.Run(Executable.Path, ["--frobnicate"], Version);
        Assert.Equal((2, ""), (unknown.Status, unknown.Output));
        Assert.Contains("unknown option '--frobnicate'", unknown.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_is_one_line_on_standard_output()
    {
        var answer = Executable.Run(Executable.Path, [], new Dictionary<string, string> { ["CNI_COMMAND"] = "ADD" });
        Assert.Equal(4, answer.Code);
        Assert.Equal(1, answer.Output.Count(c => c == '\n'));
        Assert.Empty(answer.Log);
    }

    [Fact]
    public void Without_a_command_it_says_what_is_missing() =>
        Assert.Equal(4, Executable.Run(Executable.Path, [], new Dictionary<string, string>()).Code);
}
