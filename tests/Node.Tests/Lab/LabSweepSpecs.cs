using System.Diagnostics;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Node.Tests.Lab;

[Collection(LabCollection.Name)]
public class LabSweepSpecs
{
    [Fact]
    public void A_dead_lab_goes_with_its_processes_and_a_living_one_stays()
    {
        using var living = LabNetwork.Create();
        living.AddHost();
        var dead = new LabName(DeadPid(), 1);
        using var orphan = Leave(dead);

        Assert.Contains($"{dead}", LabSweep.Run());
        Assert.Empty(ByHand.Leftovers($"{dead}"));
        Assert.True(orphan.WaitForExit(2000));
        Assert.Equal(4, ByHand.Leftovers(living.Name).Count());
        Assert.True(Directory.Exists("/proc/self"));
    }

    [Fact]
    public void An_id_that_another_process_has_now_is_dead()
    {
        using var other = Process.Start("sleep", "1000");
        var lab = new LabName(other.Id, 2);
        using var orphan = Leave(lab);
        Assert.Contains($"{lab}", LabSweep.Run());
        Assert.Empty(ByHand.Leftovers($"{lab}"));
        Assert.False(other.HasExited);
        other.Kill();

        // Even where it is a process of the same kind: it started at another time.
        var own = new LabName(Environment.ProcessId, 7);
        Directory.CreateDirectory(own.Directory);
        File.WriteAllText(Path.Combine(own.Directory, "owner"), "1\n");
        Assert.Contains($"{own}", LabSweep.Run());
        Assert.False(Directory.Exists(own.Directory));
    }

    [Fact]
    public void What_is_mounted_in_a_dead_lab_does_not_keep_it()
    {
        var dead = new LabName(DeadPid(), 3);
        string disk = Directory.CreateDirectory(Path.Combine(dead.Directory, "h1", "state")).FullName;
        using var mount = Process.Start("mount", ["-t", "tmpfs", "-o", "size=64k", "none", disk]);
        mount.WaitForExit();
        Assert.Equal(0, mount.ExitCode);
        File.WriteAllText(Path.Combine(disk, "full"), "x");
        Assert.Contains($"{dead}", LabSweep.Run());
        Assert.False(Directory.Exists(dead.Directory));
    }

    [Fact]
    public void A_kept_lab_stays_until_it_is_asked_for()
    {
        string name;
        using (var network = LabNetwork.Create())
        {
            name = network.Name;
            network.AddHost();
            network.Keep();
        }
        Assert.DoesNotContain(name, LabSweep.Run());
        Assert.Equal(4, ByHand.Leftovers(name).Count());
        using (var next = LabNetwork.Create())
            Assert.NotEqual(name, next.Name);
        Assert.Contains(name, LabSweep.Run(alsoKept: true));
        Assert.Empty(ByHand.Leftovers(name));
    }

    [Theory]
    [InlineData("aol12-h1", "aol12")]
    [InlineData("aol12x3-net", "aol12x3")]
    [InlineData("aol12-c200", "aol12")]
    [InlineData("aol12-x", null)]
    [InlineData("aol12", null)]
    [InlineData("aol-h1", null)]
    [InlineData("aol012-h1", null)]
    [InlineData("aol99999999999-h1", null)]
    [InlineData("my-aol12-h1", null)]
    [InlineData("aol12-h1\n", null)]
    public void Only_names_of_labs_are_labs(string name, string? lab) => Assert.Equal(lab, LabName.OfNamespace(name)?.ToString());

    private static int DeadPid()
    {
        using var process = Process.Start("true");
        process.WaitForExit();
        return process.Id;
    }

    private static Process Leave(LabName lab)
    {
        Directory.CreateDirectory(Path.Combine(lab.Directory, "h1", "state"));
        using (NetworkNamespace.Create(lab.Underlay))
        {
            using var host = NetworkNamespace.Create(lab.Host(1));
            return host.StartProcess(new ProcessStartInfo("sleep", "1000"));
        }
    }
}
