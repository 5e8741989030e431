using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.FirewallLab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The guard against forged packets: who passes it and who does not, and what a host is whose guard is not in place.</summary>
public sealed class GuardSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Forged_tunnel_packets_are_dropped_and_the_same_from_a_lease_holder_pass()
    {
        using var lab = Prepare(output, 3, Nftables);
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab);
            var target = lab[1];
            string container1 = target.ContainerAddress!.ToString(), container2 = lab[2].ContainerAddress!.ToString(), container3 = lab[3].ContainerAddress!.ToString();
            string mac = await Mac(target);
            using var ambush = new Ambush(target.Container);

            Action<string> As(string source, string inner) => text => VxlanPacket.Send(source, "192.168.77.1", 8472, VxlanPacket.Of(1, mac, inner, container1, Ambush.Port, text));
            Task Dropped(NetworkNamespace from, string source, string inner, string text, string rule) => ambush.Dropped(from, text, target.Host, rule, As(source, inner));

            await ambush.Passes(lab[2].Host, "a lease holder", As("192.168.77.2", container2));
            await Dropped(outside, Outside, container2, "no lease", "IPv4 sender without a lease");
            await Dropped(lab[3].Host, "192.168.77.3", container2, "inner address of another host", "inner 10.244.0.0/16 from another's host");
            await ambush.Passes(lab[3].Host, "inner address of its own", As("192.168.77.3", container3));
            await Dropped(target.Container, container1, container2, "a container", "tunnel packet from an overlay address");
            // The container's own host would not let that in by its reverse path filter; not every host has one.
            await NoReversePathFilter(target);
            await Dropped(target.Container, "192.168.77.2", container2, "a container under a peer's address", "tunnel packet from where its sender is not");
            // By way of its own host, which would masquerade it into a peer's packet.
            await ambush.Dropped(lab[2].Container, "a container at another host", lab[2].Host, "tunnel packet from an overlay address", As(container2, container2));
            // Another network at the same port is somebody else's.
            long before = await Ambush.Dropped(target.Host, "IPv4 sender without a lease");
            outside.Run(() => VxlanPacket.Send(Outside, "192.168.77.1", 8472, VxlanPacket.Of(2, mac, container2, container1, Ambush.Port, "other VNI")));
            Assert.False(await ambush.Arrives("other VNI"));
            Assert.Equal(before, await Ambush.Dropped(target.Host, "IPv4 sender without a lease"));
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task Over_IPv6_the_same()
    {
        using var lab = Prepare(output, 3, DualStack());
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab);
            var target = lab[1];
            string host1 = target.UnderlayAddress6.ToString(), host3 = lab[3].UnderlayAddress6.ToString();
            string container1 = target.ContainerAddress6!.ToString(), container2 = lab[2].ContainerAddress6!.ToString(), container3 = lab[3].ContainerAddress6!.ToString();
            string mac = await Mac(target);
            using var ambush = new Ambush(target.Container);

            Action<string> As(string source, string inner) => text => VxlanPacket.Send(source, host1, 8472, VxlanPacket.Of(1, mac, inner, container1, Ambush.Port, text));
            Task Dropped(NetworkNamespace from, string source, string inner, string text, string rule) => ambush.Dropped(from, text, target.Host, rule, As(source, inner));

            await ambush.Passes(lab[3].Host, "a lease holder", As(host3, container3));
            await Dropped(outside, Outside6, container2, "no lease", "IPv6 sender without a lease");
            await Dropped(lab[3].Host, host3, container2, "inner address of another host", "inner fd00:244::/48 from another's host");
            await Dropped(target.Container, container1, container2, "a container", "tunnel packet from an overlay address");
            await Dropped(target.Container, host3, container3, "a container under a peer's address", "tunnel packet from where its sender is not");
            await ambush.Dropped(lab[2].Container, "a container at another host", lab[2].Host, "tunnel packet from an overlay address", As(container2, container2));
            await Matrix.AssertNoLoss(lab, ipv6: true);
        });
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("auto")]
    public async Task One_that_is_allowed_by_hand_needs_no_lease_and_plain_udp_is_guarded_too(string backEnd)
    {
        using var lab = Prepare(output, 2, $$"""{"Network":"10.244.0.0/16","Backend":{ "Type":"{{backEnd}}" } }""");
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab, "--spoof-guard", "on", "--spoof-guard-allow", "192.168.77.249");
            await Do(outside, "ip addr add 192.168.77.249/24 dev br0");
            const string rule = "IPv4 sender without a lease";
            outside.Run(() => VxlanPacket.Send("192.168.77.249", "192.168.77.1", 8285, [0x45]));
            Assert.Equal(0, await Ambush.Dropped(lab[1].Host, rule));
            outside.Run(() => VxlanPacket.Send(Outside, "192.168.77.1", 8285, [0x45]));
            Assert.Equal(1, await Ambush.Dropped(lab[1].Host, rule));
            await Matrix.AssertNoLoss(lab);
        });
    }

    private const string Refusing = "case $1 in -f) cat >/dev/null; echo 'Error: Could not process rule: Operation not supported' >&2; exit 1;; esac; exec NFT \"$@\"";

    [Theory]
    [InlineData("on", "exit 0", "nft took our rules, and table inet akka-overlay is not there")]
    [InlineData("on", Refusing, "nft refused our rules: Could not process rule: Operation not supported")]
    [InlineData("auto", Refusing, "nft refused our rules: Could not process rule: Operation not supported (--spoof-guard off does without)")]
    [InlineData("auto", "case $1 in -f) sed 's/drop comment \"IPv4/accept comment \"IPv4/' | exec NFT \"$@\";; esac; exec NFT \"$@\"", "nft took our rules, and chain tunnel has")]
    public async Task A_guard_that_is_not_there_as_wanted_keeps_the_host_from_being_ready(string guard, string nft, string expected)
    {
        using var lab = Prepare(output, 1, Iptables);
        await lab.Run(async () =>
        {
            // Listing must fail as nft fails where there is no table.
            using var programs = await FakeProgram.Of("nft", nft == "exit 0" ? "case $1 in -j) echo 'Error: No such file or directory' >&2; exit 1;; esac; cat >/dev/null; exit 0" : nft.Replace("NFT", "REAL", StringComparison.Ordinal));
            lab[1].Start(programs.Environment, "--spoof-guard", guard);
            await Eventually("it says why", async () => (await lab[1].Api.ReadyAsync()).Components.Any(component => component is { Name: "firewall", Ready: false } && component.Detail.Contains(expected, StringComparison.Ordinal)), Patience);
            Assert.False((await lab[1].Api.ReadyAsync()).Ready);
        });
    }

    /// <summary>A lock that somebody holds makes iptables-restore fail as this one does.</summary>
    [Fact]
    public async Task After_a_change_to_nftables_what_is_left_in_iptables_is_told_and_goes_once_it_can()
    {
        using var lab = Prepare(output, 1, Iptables);
        await lab.Run(async () =>
        {
            using var programs = await FakeProgram.Of("iptables-restore", "case \"$*\" in *noflush*) [ -e HERE/held ] && { cat >/dev/null; echo 'Another app is currently holding the xtables lock.' >&2; exit 4; };; esac; exec REAL \"$@\"");
            var host = lab[1];
            host.Start(programs.Environment, "--ip-masq");
            await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
            host.Terminate();
            await host.WaitForExitAsync();
            await File.WriteAllTextAsync(Path.Combine(programs.Directory, "held"), "");
            await File.WriteAllTextAsync(lab.Network.NetConfFile, Nftables);
            // Another network for the same host: the ledger goes, the node id stays, and with it what the host made.
            foreach (string file in System.IO.Directory.GetFiles(host.StateDirectory).Where(file => Path.GetFileName(file) != "node-id"))
                File.Delete(file);
            host.Start(programs.Environment, "--ip-masq");
            await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
            const string left = "old rules of ours are left in iptables (iptables-restore refused our rules: Another app is currently holding the xtables lock.)";
            Assert.Contains(left, await FirewallDetail(host), StringComparison.Ordinal);
            Assert.Single(await File.ReadAllLinesAsync(host.LogFile), line => line.Contains($"warn: host[0] Firewall: {left}", StringComparison.Ordinal));
            Assert.Contains("FLANNEL", (await Command.Run(host.Host, "iptables-save")).Output, StringComparison.Ordinal);
            File.Delete(Path.Combine(programs.Directory, "held"));
            await Eventually("they are gone", async () => !(await Command.Run(host.Host, "iptables-save")).Output.Contains("FLANNEL", StringComparison.Ordinal), Patience);
            await Eventually("it says no more", async () => !(await FirewallDetail(host)).Contains("left in", StringComparison.Ordinal), Patience);
        });
    }

    private static async Task<string> FirewallDetail(LabHost host) => (await host.Api.ReadyAsync()).Components.Single(component => component.Name == "firewall").Detail;

    /// <summary>A script in the place of a program, in a directory that goes with the test. In it REAL is the program, and HERE the directory.</summary>
    private sealed class FakeProgram : IDisposable
    {
        private readonly DirectoryInfo directory = System.IO.Directory.CreateTempSubdirectory("akka-overlay-fake-");

        public string Directory => directory.FullName;

        public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["PATH"] = $"{Directory}:{System.Environment.GetEnvironmentVariable("PATH")}" };

        public static async Task<FakeProgram> Of(string name, string script)
        {
            string real = (await Command.Run(null, "sh", "-c", $"command -v {name}")).Output.Trim();
            var program = new FakeProgram();
            string file = Path.Combine(program.Directory, name);
            await File.WriteAllTextAsync(file, $"#!/bin/sh\n{script.Replace("REAL", real, StringComparison.Ordinal).Replace("HERE", program.Directory, StringComparison.Ordinal)}\n");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return program;
        }

        public void Dispose() => directory.Delete(recursive: true);
    }
}
