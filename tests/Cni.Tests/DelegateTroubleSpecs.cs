using System.Diagnostics;

namespace AkkaOverlay.Cni.Tests;

/// <summary>Delegates that are not there, print rubbish, hang or fail: what an ADD began is taken back.</summary>
public sealed class DelegateTroubleSpecs : IDisposable
{
    private readonly Desk desk = new();

    [Fact]
    public void One_that_is_not_installed()
    {
        File.Delete(Path.Combine(desk.PluginDirectory, "bridge"));
        var answer = desk.Call();
        Assert.Equal(100, answer.Code);
        Assert.Contains("the plugin 'bridge' is not installed", answer.Message, StringComparison.Ordinal);
        desk.MustBeUntouched();
    }

    [Fact]
    public void One_that_is_no_program()
    {
        File.WriteAllText(Path.Combine(desk.PluginDirectory, "bridge"), "\0\0");
        var answer = desk.Call();
        Assert.Equal(101, answer.Code);
        Assert.Contains("cannot be started", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo rubbish", 6)]
    [InlineData("true", 6)]
    [InlineData("echo '[]'", 6)]
    [InlineData("head -c 100000000 /dev/zero", 6)]
    [InlineData("echo rubbish; exit 3", 101)]
    [InlineData("exit 3", 101)]
    [InlineData("kill -9 $$", 101)]
    public void One_that_prints_rubbish_or_dies(string body, int code)
    {
        desk.Fake("bridge", $"[ $CNI_COMMAND = DEL ] && exit 0\n{body}");
        var answer = desk.Call();
        Assert.Equal(code, answer.Code);
        Assert.Contains("'bridge'", answer.Message, StringComparison.Ordinal);
        Assert.Equal(["ADD", "DEL"], desk.Commands);
        Assert.False(File.Exists(desk.StateFile));
    }

    [Fact]
    public void An_error_of_its_own_is_passed_on_as_it_is()
    {
        const string Error = """{ "cniVersion": "1.0.0",  "code": 123, "msg": "no room" }""";
        desk.Fake("bridge", $"[ $CNI_COMMAND = DEL ] && exit 0\necho '{Error}'; exit 1");
        var answer = desk.Call();
        Assert.Equal(1, answer.Status);
        Assert.Equal(Error + "\n", answer.Output);
        Assert.Equal(["ADD", "DEL"], desk.Commands);
        Assert.False(File.Exists(desk.StateFile));
    }

    /// <summary>The child that it waits for holds its output open too.</summary>
    [Fact]
    public void One_that_hangs_is_killed_with_its_children()
    {
        desk.Conf["delegateTimeout"] = 1;
        desk.Fake("bridge", $"[ $CNI_COMMAND = DEL ] && exit 0\nsleep 300 & echo $! > {desk.PluginDirectory}/child; wait");
        long began = Stopwatch.GetTimestamp();
        var answer = desk.Call();
        Assert.Equal(11, answer.Code);
        Assert.Contains("did not end within 1 s and was killed", answer.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 5);
        Assert.Equal(["ADD", "DEL"], desk.Commands);
        Assert.False(File.Exists(desk.StateFile));
        string child = File.ReadAllText(Path.Combine(desk.PluginDirectory, "child")).Trim();
        Assert.True(SpinWait.SpinUntil(() => !IsAlive(child), TimeSpan.FromSeconds(5)), $"{child} lives on");
    }

    [Fact]
    public void One_that_does_not_read_what_it_is_given()
    {
        File.WriteAllText(Path.Combine(desk.PluginDirectory, "bridge"), $"#!/bin/sh\nexec 0<&-\necho '{Desk.Result}'\n");
        desk.Conf["delegate"]!["filler"] = new string('x', 1 << 20);
        Assert.Equal(Desk.Result + "\n", desk.Call().Output);
    }

    /// <summary>What cannot be taken back now is kept for a DEL or a GC.</summary>
    [Fact]
    public void Where_taking_back_fails_the_state_stays()
    {
        desk.Fake("bridge", "exit 3");
        Assert.Equal(101, desk.Call().Code);
        Assert.True(File.Exists(desk.StateFile));
    }

    /// <summary>The runtime's fault; the device that the first ADD made is in use.</summary>
    [Fact]
    public void A_second_add_that_fails_takes_nothing_from_the_first()
    {
        Assert.Equal(0, desk.Call().Status);
        string saved = File.ReadAllText(desk.StateFile);
        desk.WriteSubnet(Desk.SubnetEnvOf("10.244.9.1/24"));
        desk.Fake("bridge", "exit 3");
        Assert.Equal(101, desk.Call().Code);
        Assert.Equal(["ADD", "ADD"], desk.Commands);
        Assert.Equal(saved, File.ReadAllText(desk.StateFile));
    }

    [Fact]
    public void State_that_cannot_be_saved_stops_the_add_before_it_begins()
    {
        File.WriteAllText(desk.DataDirectory, "a file where a directory should be");
        Assert.Equal(5, desk.Call().Code);
        Assert.Empty(desk.Commands);
    }

    public void Dispose() => desk.Dispose();

    /// <summary>A zombie is dead: init has not yet looked at it.</summary>
    private static bool IsAlive(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
}
