using AkkaOverlay.Actors.Host;
using static AkkaOverlay.Actors.Tests.Extension.ExtensionSamples;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>When the record is written.</summary>
public sealed class ExtensionDiskSpecs : ExtensionManagerTest
{
    [Fact]
    public void Trouble_with_the_disk_is_over_when_it_is_although_nothing_else_is_due()
    {
        Programs.Output = "data";
        Programs.Hanging = "pre";
        var goal = Told(Start(), Goal(Configured("\"PreStartupCommand\":[\"pre\"],\"SubnetAddCommand\":[\"add\"]")));
        AwaitAssert(() => Assert.Equal(1, Programs.Running), Patience);
        // Where the new file is written first.
        var obstacle = Directory.CreateDirectory(FileName + ".new");
        Programs.Release.SetResult();
        FishForMessage(message => message is HostProtocol.ExtensionReport { InPlace: false, Detail: var detail } && detail.StartsWith("No command is run", StringComparison.Ordinal), Patience);
        obstacle.Delete();
        InPlace(goal);
        Assert.Equal("data", OpenFile().Last.Published?.Data);
    }

    /// <summary>It may be all that tells how to undo something.</summary>
    [Fact]
    public void A_file_that_counts_for_nothing_is_kept_beside_the_next_one()
    {
        File.WriteAllText(FileName, "of another namespace");
        var file = OpenFile();
        Assert.NotNull(file.Trouble);
        file.Save(file.Last);
        Assert.False(File.Exists(FileName));
        Assert.Equal("of another namespace", File.ReadAllText($"{FileName}.other"));
    }

    [Fact]
    public void Hundreds_of_peers_are_a_few_writes()
    {
        using var watch = new FileSystemWatcher(Folder.FullName, "extension.json") { EnableRaisingEvents = true };
        int writes = 0;
        watch.Renamed += (_, _) => Interlocked.Increment(ref writes);
        InPlace(Told(Start(), Goal([.. Enumerable.Range(2, 250).Select(n => Peer(n))])));
        AwaitAssert(() => Assert.DoesNotContain("\"Done\":false", File.ReadAllText(FileName), StringComparison.Ordinal), Patience);
        Assert.InRange(writes, 1, 40);
    }

    [Fact]
    public void Another_ShutdownCommand_is_kept_although_nothing_is_run()
    {
        var manager = Start();
        InPlace(Told(manager, Goal()));
        AwaitAssert(() => Assert.NotNull(OpenFile().Last.Post), Patience);
        Told(manager, Goal(Configured(Commands.Replace("\"down\"", "\"halt\"", StringComparison.Ordinal))));
        AwaitAssert(() => Assert.Equal(["halt"], OpenFile().Last.Shutdown?.Arguments), Patience);
    }
}
