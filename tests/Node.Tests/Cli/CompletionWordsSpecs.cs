using AkkaOverlay.Node.Cli;

namespace AkkaOverlay.Node.Tests.Cli;

/// <summary>What may stand in the place of the last word.</summary>
public sealed class CompletionWordsSpecs
{
    [Theory]
    [InlineData("cluster down", "down down-unreachable")]
    [InlineData("cluster show --js", "--json")]
    [InlineData("run --on-exit ", "auto keep release")]
    [InlineData("run --on-exit=re", "--on-exit=release")]
    [InlineData("run --net-conf ", "")]
    [InlineData("run --net-conf run --on-exit k", "keep")]
    [InlineData("run --ip-masq fal", "false")]
    [InlineData("completion ", "bash zsh")]
    [InlineData("nonsense cluster lea", "leader leave")]
    [InlineData("cluster tail --type Unreachable", "UnreachableDataCenter UnreachableMember")]
    [InlineData("cluster seats ", "recover set")]
    [InlineData("lab --backend host", "host-gw")]
    public void It_is_what_fits_there(string line, string expected) => Assert.Equal(expected, string.Join(' ', CompletionWords.For(CommandLine.Root(), line.Split(' '))));

    [Fact]
    public void Nothing_typed_is_answered_with_the_commands()
    {
        var commands = CompletionWords.For(CommandLine.Root(), []);
        Assert.Contains("cluster", commands);
        Assert.DoesNotContain("--help", commands);
    }

    /// <summary>A description that has the words between bars is completed by them.</summary>
    [Fact]
    public void Every_option_of_run_with_fixed_words_offers_them() => Assert.All(
        Node.Options.RunOptions.Specs.Where(spec => spec.Words.Count > 0),
        spec => Assert.Equal(spec.Words.Order(StringComparer.Ordinal), CompletionWords.For(CommandLine.Root(), ["run", $"--{spec.Name}="]).Select(word => word[(spec.Name.Length + 3)..])));
}
