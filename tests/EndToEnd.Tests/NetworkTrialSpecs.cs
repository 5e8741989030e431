using System.Diagnostics;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A configuration on trial, while another operator sets hers and while the host that judges is lost.</summary>
public sealed class NetworkTrialSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_trial_ends_in_one_version_on_every_host_where_the_host_that_judges_is_killed_and_a_second_change_is_refused_meanwhile()
    {
        using var lab = await StartAsync(output, 4, core: 3);
        await lab.Run(async () =>
        {
            await AllProbed(lab);
            var judge = await JudgeDies(lab, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":1400}}""", "Kept: version 2 is in use", 0);
            await AllHave(lab, version: 2, mtu: 1350);
            Assert.Contains(lab.Hosts.Where(host => host != judge), host => Log(host).Contains("Version 2 of the network's configuration is kept", StringComparison.Ordinal));

            // And one that h4 cannot do with: what the former judge has heard of it is not lost with that host.
            await AllProbed(lab);
            Assert.Equal(0, (await Command.Run(lab[4].Host, "nft", "add table inet fault; add chain inet fault out { type filter hook output priority 0; }; add rule inet fault out udp dport 8472 meta length > 1440 drop")).ExitCode);
            judge = await JudgeDies(lab, Vxlan, "version 3 was taken back", 1);
            await AllHave(lab, version: 4, mtu: 1350);
            Assert.Contains(lab.Hosts.Where(host => host != judge), host => Log(host).Contains("Version 3 of the network's configuration is taken back, version 4 is as it was before", StringComparison.Ordinal));
            await Matrix.AssertNoLoss(lab);
        });
    }

    /// <summary>h4 stands still for as long as the trial must not come to its end.</summary>
    /// <returns>The host that was lost; it runs again.</returns>
    private static async Task<LabHost> JudgeDies(OverlayLab lab, string netConf, string outcome, int exitCode)
    {
        var judge = await new FailOver(lab.Network, _ => { }).AllocatorAsync(lab[4]);
        var operators = lab.Hosts.Take(3).Where(host => host != judge).ToList();
        using var set = Set(operators[0], netConf, TimeSpan.FromSeconds(60));
        var text = (Output: set.StandardOutput.ReadToEndAsync(), Error: set.StandardError.ReadToEndAsync());
        await Eventually("it is on trial", async () => (await operators[1].Api.NetworkAsync()).State == "on trial", Patience, TimeSpan.FromMilliseconds(20));
        lab[4].Pause();
        using (var second = Set(operators[1], """{"Network":"10.244.0.0/16","MasqExclude":["203.0.113.0/24"]}""", TimeSpan.FromSeconds(20)))
        {
            string error = await second.StandardError.ReadToEndAsync();
            await second.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(1, second.ExitCode);
            Assert.Contains("of the network's configuration is on trial: wait until it is known whether it stays", error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
        long began = Stopwatch.GetTimestamp();
        judge.Kill();
        lab[4].Resume();
        await set.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        string all = await text.Output + await text.Error;
        lab.Measured($"the judge was killed; {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s later: {all.TrimEnd().Split('\n')[^1]}");
        Assert.True(set.ExitCode == exitCode, all);
        Assert.Contains(outcome, all, StringComparison.Ordinal);
        judge.Start();
        await judge.WaitReadyAsync(Patience);
        return judge;
    }

    private static async Task AllHave(OverlayLab lab, long version, int mtu)
    {
        foreach (var host in lab.Hosts)
        {
            await Eventually($"{host.Name} has version {version}", async () => await host.Api.NetworkAsync() is { State: "in use", Note: null } network && network.Version == version, Patience);
            await Eventually($"{host.Name} has its MTU", async () => (await Command.Run(host.Host, "ip", "link", "show", "flannel.1")).Output.Contains($" mtu {mtu} ", StringComparison.Ordinal), Patience);
        }
    }

    private static Task AllProbed(OverlayLab lab) => Eventually(
        "every path is fine",
        async () => (await Task.WhenAll(lab.Hosts.Select(host => host.Api.StatusAsync()))).All(status => status.Probes is { NotProbed: 0 } probes && probes.Ok == lab.Hosts.Count - 1),
        Patience);

    private static Process Set(LabHost host, string netConf, TimeSpan patience)
    {
        string file = Path.Combine(host.RunDirectory, "new-net-conf.json");
        File.WriteAllText(file, netConf);
        return Command.Start(null, Command.Executable, "network", "set", file, "--yes", "--timeout", $"{patience.TotalSeconds:0}s", "--run-dir", host.RunDirectory);
    }

    private static string Log(LabHost host) => File.ReadAllText(host.LogFile);
}
