using System.Diagnostics;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A host that was told to leave and has a container.</summary>
public sealed class DrainSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_serves_its_container_until_that_is_gone_longer_than_a_signal_leaves_time_and_tells_systemd_and_schedulers()
    {
        using var lab = Prepare(output, 2);
        using var mailbox = new NotifyMailbox(Path.Combine(lab[2].RunDirectory, "notify"), lab[2].Host);
        await lab.Run(async () =>
        {
            lab[1].Start();
            lab[2].Start(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = mailbox.Address }, "--on-exit", "release", "--drain");
            await lab.WaitReadyAsync();
            string subnet = await Subnet(lab[2]);
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);

            lab[2].Terminate();
            await Eventually("it is not ready any more", async () => IsDraining(await lab[2].Api.ReadyAsync(), "1 container (veth0 at cni0), waits 10m at most"), Patience);
            // Longer than the ten seconds of a stop without a wait.
            await Task.Delay(TimeSpan.FromSeconds(12));
            Assert.True(lab[2].IsRunning);
            Assert.Contains(subnet, await OurRoutes(lab[1]));
            Assert.True(IsDraining(await lab[2].Api.ReadyAsync(), "1 container"));
            var seen = await pings.StopAsync();
            Assert.Empty(seen.Lost);
            lab.Measured($"draining host: {seen.Sent} pings to its container, {seen.Lost.Count} lost");
            Assert.Contains(mailbox.Notices, notice => notice.Assignment.StartsWith("STATUS=draining: 1 container (veth0 at cni0), waits ", StringComparison.Ordinal));
            Assert.InRange(mailbox.Notices.Count(notice => notice.Assignment == "EXTEND_TIMEOUT_USEC=30000000"), 2, 5);
            Assert.False(mailbox.Has("STOPPING=1"));

            long gone = Stopwatch.GetTimestamp();
            await RemoveContainer(lab[2]);
            await AssertLeft(lab, lab[2], subnet);
            lab.Measured($"draining host: ended {Stopwatch.GetElapsedTime(gone).TotalSeconds:0.0} s after its container");
            Assert.True(mailbox.Has("STOPPING=1"));
        });
    }

    [Fact]
    public async Task A_signal_that_keeps_the_lease_waits_for_nobody_and_a_second_one_ends_the_wait_at_once_with_everything_in_place()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            lab[1].Start();
            lab[2].Start("--on-exit", "keep", "--drain");
            await lab.WaitReadyAsync();
            string subnet = await Subnet(lab[2]);
            lab[2].Terminate();
            var said = await LeaveUntilItEnds(lab);
            Assert.Equal(0, await EndOf(lab[2], TimeSpan.FromSeconds(10)));
            // An operator who wants it back meanwhile hears that it is too late.
            lab.Measured($"cluster leave while it stops: {string.Join("; ", said.Distinct())}");
            Assert.DoesNotContain(said, text => text.StartsWith("Leaving ", StringComparison.Ordinal));
            Assert.Contains(said, text => text.Contains("it is stopping already and keeps its lease", StringComparison.Ordinal));
            Assert.Contains((await lab[1].Api.LeasesAsync()).Leases, lease => lease.Subnet == subnet);

            lab[2].Start("--on-exit", "release", "--drain", "1h");
            await lab[2].WaitReadyAsync(Patience);
            lab[2].Terminate();
            await Eventually("it waits", async () => IsDraining(await lab[2].Api.ReadyAsync(), "1 container"), Patience);
            lab[2].Terminate();
            Assert.Equal(1, await EndOf(lab[2], TimeSpan.FromSeconds(5)));
            Assert.Contains((await lab[1].Api.LeasesAsync()).Leases, lease => lease.Subnet == subnet);
            Assert.Contains(subnet, await OurRoutes(lab[1]));
            Assert.NotEmpty(await OurRoutes(lab[2]));
        });
    }

    [Fact]
    public async Task An_operator_says_how_long_at_most_and_whoever_is_in_a_hurry_after_her_cuts_it_short()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            lab[1].Start();
            lab[2].Start("--on-exit", "keep");
            await lab.WaitReadyAsync();
            string subnet = await Subnet(lab[2]);

            await Leave(lab, "3s");
            await AssertLeft(lab, lab[2], subnet);
            Assert.Contains("The wait is over: 1 container (veth0 at cni0), which lose the network now", await File.ReadAllTextAsync(lab[2].LogFile), StringComparison.Ordinal);

            // She waits; the second time she does not.
            lab[2].Start();
            await lab[2].WaitReadyAsync(Patience);
            lab[2].ConnectContainer();
            Assert.Contains("when its containers are gone", (await Leave(lab, "1h")).Output, StringComparison.Ordinal);
            await Eventually("it waits", async () => IsDraining(await lab[2].Api.ReadyAsync(), "1 container"), Patience);
            await Leave(lab, "0s");
            await AssertLeft(lab, lab[2], subnet);

            // So does a signal: the lease goes back all the same, as she wanted it.
            lab[2].Start("--on-exit", "keep");
            await lab[2].WaitReadyAsync(Patience);
            lab[2].ConnectContainer();
            await Leave(lab, null);
            await Eventually("it waits", async () => IsDraining(await lab[2].Api.ReadyAsync(), "1 container"), Patience);
            lab[2].Terminate();
            await AssertLeft(lab, lab[2], subnet);
        });
    }

    /// <summary>By another host's operator.</summary>
    /// <param name="limit">Null for <c>--drain</c> without a value.</param>
    private static async Task<CommandResult> Leave(OverlayLab lab, string? limit)
    {
        string[] drain = limit is null ? ["--drain"] : ["--drain", limit];
        var said = await Command.AkkaOverlay(["cluster", "leave", "192.168.77.2:4053", "--run-dir", lab[1].RunDirectory, .. drain]);
        Assert.True(said.ExitCode == 0, said.ToString());
        return said;
    }

    /// <summary>h2's own operator, again and again until its socket is gone.</summary>
    private static async Task<IReadOnlyList<string>> LeaveUntilItEnds(OverlayLab lab)
    {
        // It has heard the signal: the lease's fate is decided with its first step.
        await Eventually("it stops", () => Task.FromResult(File.ReadAllText(lab[2].LogFile).Contains("Stopping: the lease is kept", StringComparison.Ordinal)), Patience, TimeSpan.FromMilliseconds(2));
        var said = new List<string>();
        while (lab[2].IsRunning)
        {
            try
            {
                said.Add((await lab[2].Api.LeaveAsync("192.168.77.2:4053")).Message);
            }
            catch (ApiException e)
            {
                said.Add(e.Message);
            }
        }
        return said;
    }

    private static bool IsDraining(ReadyModel answer, string detail) =>
        !answer.Ready && answer.Components.Any(component => component is { Name: "drain", Ready: false } && component.Detail.StartsWith(detail, StringComparison.Ordinal));

    private static Task RemoveContainer(LabHost host) => Command.Run(host.Host, "ip", "link", "delete", "veth0");

    private static async Task<int> EndOf(LabHost host, TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        return await host.WaitForExitAsync(end.Token);
    }

    private static async Task AssertLeft(OverlayLab lab, LabHost host, string subnet)
    {
        Assert.Equal(0, await EndOf(host, TimeSpan.FromSeconds(20)));
        await Eventually("the lease is gone", async () => (await lab[1].Api.LeasesAsync()).Leases.All(lease => lease.Subnet != subnet), TimeSpan.FromSeconds(10));
        await Eventually("the route is gone", async () => !(await OurRoutes(lab[1])).Contains(subnet), TimeSpan.FromSeconds(10));
        Assert.Empty(await OurRoutes(host));
    }
}
