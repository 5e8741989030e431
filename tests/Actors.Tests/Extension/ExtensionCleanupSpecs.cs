using AkkaOverlay.Actors.Extension;
using static AkkaOverlay.Actors.Tests.Extension.ExtensionSamples;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>What 'cleanup' makes of the file that a node left.</summary>
public sealed class ExtensionCleanupSpecs : ExtensionManagerTest
{
    [Fact]
    public async Task Cleanup_undoes_with_the_commands_that_were_kept_and_keeps_what_it_could_not()
    {
        InPlace(Told(Start(), Goal(Peer(2), Peer(3))));
        AwaitAssert(() => Assert.DoesNotContain("\"Done\":false", File.ReadAllText(FileName), StringComparison.Ordinal), Patience);
        Programs.Failing = "remove 10.244.2.0/24";
        Programs.Ran.Clear();
        var outcome = await new ExtensionCleanup(OpenFile(), Programs).RunAsync();
        Assert.Equal(["SubnetRemoveCommand for 10.244.3.0/24", "ShutdownCommand"], outcome.Removed.Select(one => one.Name));
        Assert.Single(outcome.Errors);
        Assert.Equal([Samples.Node(2)], OpenFile().Last.Peers.Keys);
        Programs.Failing = null;
        outcome = await new ExtensionCleanup(OpenFile(), Programs).RunAsync();
        Assert.Equal(["SubnetRemoveCommand for 10.244.2.0/24"], outcome.Removed.Select(one => one.Name));
        Assert.True(OpenFile().Last.IsEmpty);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData(null)]
    public async Task A_file_that_cannot_be_read_or_is_of_another_namespace_stays_and_runs_nothing(string? text)
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        Stop(manager);
        Programs.Ran.Clear();
        if (text is not null)
            await File.WriteAllTextAsync(FileName, text);
        string before = await File.ReadAllTextAsync(FileName);
        var outcome = await new ExtensionCleanup(OpenFile(networkNamespace: text is null ? "there" : "here"), Programs).RunAsync();
        Assert.Contains("no command was run", Assert.Single(outcome.Errors), StringComparison.Ordinal);
        Assert.Empty(Programs.Ran);
        Assert.Equal(before, await File.ReadAllTextAsync(FileName));
    }
}
