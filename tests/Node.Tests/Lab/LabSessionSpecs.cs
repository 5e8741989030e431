using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Node.Tests.Lab;

/// <summary>The command from beginning to end, with real nodes where it shall succeed.</summary>
[Collection(LabCollection.Name)]
public class LabSessionSpecs
{
    private static readonly string Lab = $"aol{Environment.ProcessId}";

    [Fact]
    public async Task Two_hosts_come_up_answer_and_are_gone()
    {
        var (code, output, error) = await RunAsync(new LabOptions(2, 1, Once: true, Keep: false, KillCore: false), new LabSettings());
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("all 2 pairs answer", output);
        Assert.Contains("192.168.77.2", output);
        Assert.DoesNotContain('\u001b', output);
        Assert.Empty(ByHand.Leftovers(Lab));
    }

    [Fact]
    public async Task A_node_that_ends_shows_the_end_of_its_log_and_everything_is_removed()
    {
        string script = LabNetworkSpecs.Script("#!/bin/sh\nfor i in $(seq 1 20); do echo line $i; done\nexit 3\n");
        var (code, _, error) = await RunAsync(new LabOptions(2, 1, Once: true, Keep: false, KillCore: false), new LabSettings { Executable = script });
        Assert.Equal(1, code);
        Assert.Equal(
            ["akka-overlay: h1 ended with status 3", .. Enumerable.Range(6, 15).Select(i => $"  line {i}")],
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(ByHand.Leftovers(Lab));
        File.Delete(script);
    }

    [Fact]
    public async Task To_be_stopped_in_the_middle_removes_everything()
    {
        string script = LabNetworkSpecs.Script("#!/bin/sh\nexec sleep 1000\n");
        using var stop = new CancellationTokenSource();
        var session = RunAsync(new LabOptions(3, 1, Once: false, Keep: true, KillCore: false), new LabSettings { Executable = script }, stop.Token);
        await PingSpecs.Until(() => ByHand.Leftovers(Lab).Count() == 8);
        await stop.CancelAsync();
        Assert.Equal(130, (await session).Code);
        Assert.Empty(ByHand.Leftovers(Lab));
        File.Delete(script);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        LabOptions options,
        LabSettings settings,
        CancellationToken cancel = default)
    {
        var (screen, output) = ScreenSpecs.Screen();
        var error = new StringWriter { NewLine = "\n" };
        int code = await new LabSession(options, settings, screen, error).RunAsync(cancel);
        return (code, output.ToString(), error.ToString());
    }
}
