using System.Security.Cryptography;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Containers of real Docker on two hosts, each with a dockerd of its own that took its subnet from subnet.env.</summary>
public sealed class DockerSpecs(ITestOutputHelper output)
{
    private const string Image = "lab/busybox", Container = "c1";

    /// <summary>Tells whoever calls the address that it is seen with, and keeps what comes.</summary>
    private const string Receiver = """
        netstat -tn | awk '$4 ~ /:9001$/ && $6 == "ESTABLISHED" { sub(/:[0-9]+$/, "", $5); sub(/^::ffff:/, "", $5); print $5 }' | tail -n 1
        cat > /tmp/came
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [DockerFact]
    public async Task Containers_on_different_hosts_ping_and_transfer_and_see_each_others_own_address()
    {
        using var lab = await StartAsync(output, 2);
        using var one = DockerDaemon.Of(lab[1]);
        using var two = DockerDaemon.Of(lab[2]);
        await lab.Run(async () =>
        {
            RemoveLabBridges(lab);
            // One the way of flannel's script, one by daemon.json.
            string env = Path.Combine(lab[1].RunDirectory, "docker_opts.env");
            Assert.Equal(0, (await Run(lab[1], "docker-opts", "-c", "-d", env)).ExitCode);
            string combined = (await File.ReadAllTextAsync(env)).Trim();
            Assert.Matches("""^DOCKER_OPTS=" --bip=10\.244\.\d+\.1/24 --ip-masq=true --mtu=1450"$""", combined);
            await one.StartAsync(combined["DOCKER_OPTS=\"".Length..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            await File.WriteAllTextAsync(two.DaemonJson, "{\n    \"log-level\": \"info\"\n}\n");
            Assert.Equal(0, (await Run(lab[2], "docker-opts", "--daemon-json", two.DaemonJson)).ExitCode);
            Assert.StartsWith("{\n    \"log-level\": \"info\",\n    \"bip\": \"10.244.", await File.ReadAllTextAsync(two.DaemonJson), StringComparison.Ordinal);
            await two.StartAsync();
            output.WriteLine($"measured: Docker {await one.Ask("version", "--format", "{{.Server.Version}}")}");
            foreach (var host in lab.Hosts)
                Assert.Equal(0, (await Run(host, "docker-rules")).ExitCode);

            string first = await StartContainer(one), second = await StartContainer(two);
            foreach (var (docker, host, address) in new[] { (one, lab[1], first), (two, lab[2], second) })
            {
                Assert.StartsWith((await Subnet(host))[..^"0/24".Length], address, StringComparison.Ordinal);
                Assert.Equal("1450", (await docker.Shell(Container, "cat /sys/class/net/eth0/mtu")).Output.Trim());
            }
            await AssertPings(one, second);
            await AssertPings(two, first);
            await AssertTransfer(one, first, two, second);
            await AssertTransfer(two, second, one, first);

            // Docker starts again, as it does where the drop-in runs docker-rules behind it. It puts its masquerade in front of ours, and leaves the rest alone.
            await two.StopAsync();
            await two.StartAsync();
            await two.Ask("start", Container);
            var again = await Run(lab[2], "docker-rules");
            Assert.All(again.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("iptables -t nat ", line, StringComparison.Ordinal));
            Assert.Equal("", (await Run(lab[2], "docker-rules")).Output);
            second = await Address(two);
            await AssertPings(one, second);
            await AssertTransfer(two, second, one, first);
        });
    }

    /// <summary>What newer releases of Docker put in front of containers, planted into the chains that they put it into.</summary>
    [DockerFact]
    public async Task What_newer_Docker_drops_passes_with_our_rules_and_not_without()
    {
        // The node's own forward rules would be the way through some of what is planted.
        using var lab = await StartAsync(output, 2, arguments: ["--forward-rules", "false"]);
        using var one = DockerDaemon.Of(lab[1]);
        using var two = DockerDaemon.Of(lab[2]);
        await lab.Run(async () =>
        {
            RemoveLabBridges(lab);
            foreach (var (docker, host) in new[] { (one, lab[1]), (two, lab[2]) })
            {
                Assert.Equal(0, (await Run(host, "docker-opts", "--daemon-json", docker.DaemonJson)).ExitCode);
                await docker.StartAsync();
            }
            string first = await StartContainer(one), second = await StartContainer(two);

            // Nothing in the way yet but Docker's masquerade: the receiver sees the sender's host.
            var masqueraded = await Transfer(one, two, second);
            Assert.NotEqual(first, masqueraded.Source);
            Assert.Equal("", await Rules(lab[1]));
            Assert.Equal(first, (await Transfer(one, two, second)).Source);

            string[] planted =
            [
                "-P FORWARD DROP",
                // Docker 28: what was not published is dropped for each bridge, and each container's address in raw.
                "-A DOCKER ! -i docker0 -o docker0 -j DROP",
                $"-t raw -A PREROUTING -d {second}/32 ! -i docker0 -j DROP",
            ];
            for (int i = 0; i < planted.Length; i++)
            {
                await Run(lab[2], ["docker-rules", "--remove"]);
                await Iptables(lab[2], planted[i]);
                Assert.False(await Pings(one, second), $"'{planted[i]}' does not stop a ping: it proves nothing");
                await Rules(lab[2]);
                await AssertPings(one, second);
                Assert.Equal(first, (await Transfer(one, two, second)).Source);
            }
            // All at once, one more container's drop appended, as Docker does when it starts one: nothing is to be done.
            await Iptables(lab[2], "-t raw -A PREROUTING -d 10.244.0.0/16 ! -i docker0 -j DROP");
            Assert.Equal("", (await Run(lab[2], "docker-rules")).Output);
            await AssertPings(one, second);
            // One in front of ours, and ours go in front of it.
            await Iptables(lab[2], $"-t raw -I PREROUTING -d {second}/32 ! -i docker0 -j DROP");
            Assert.False(await Pings(one, second));
            await Rules(lab[2]);
            await AssertPings(one, second);
            // Others than the overlay are still kept out.
            Assert.NotEqual(0, (await Command.Run(lab[1].Host, "ping", "-I", "192.168.77.1", "-c", "1", "-W", "1", second)).ExitCode);

            // A flush, and what an operator does about it.
            await Iptables(lab[2], "-F DOCKER-USER");
            Assert.False(await Pings(one, second));
            await Rules(lab[2]);
            await AssertPings(one, second);
            var removed = await Run(lab[2], "docker-rules", "--remove");
            Assert.Equal(3, removed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.DoesNotContain("akka-overlay", (await Command.Run(lab[2].Host, "iptables-save")).Output, StringComparison.Ordinal);

            // They are ours, and go with what is ours.
            await Rules(lab[2]);
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            var cleanup = await Run(lab[2], "cleanup", "--state-dir", lab[2].StateDirectory);
            Assert.True(cleanup.ExitCode == 0, cleanup.ToString());
            Assert.Contains("removed rule iptables -t raw -A PREROUTING -s 10.244.0.0/16", cleanup.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("akka-overlay", (await Command.Run(lab[2].Host, "iptables-save")).Output, StringComparison.Ordinal);
        });
    }

    /// <summary>The node's forward rules are for the overlay: what Docker keeps apart stays apart.</summary>
    [DockerFact]
    public async Task Dockers_other_networks_and_the_underlay_reach_no_container_because_of_us()
    {
        using var lab = await StartAsync(output, 2);
        using var one = DockerDaemon.Of(lab[1]);
        using var two = DockerDaemon.Of(lab[2]);
        await lab.Run(async () =>
        {
            RemoveLabBridges(lab);
            foreach (var (docker, host) in new[] { (one, lab[1]), (two, lab[2]) })
            {
                Assert.Equal(0, (await Run(host, "docker-opts", "--daemon-json", docker.DaemonJson)).ExitCode);
                await docker.StartAsync();
                // As Docker does where it switched forwarding on itself, and as release 28 does for each bridge.
                await Iptables(host, "-P FORWARD DROP");
                await Iptables(host, "-A DOCKER ! -i docker0 -o docker0 -j DROP");
            }
            string first = await StartContainer(one), second = await StartContainer(two);
            await two.Ask("network", "create", "--subnet", "172.30.0.0/24", "other");
            await two.Ask("run", "--detach", "--name", "c9", "--network", "other", Image, "/bin/sleep", "600");
            string other = (await two.Ask("inspect", "--format", "{{(index .NetworkSettings.Networks \"other\").IPAddress}}", "c9")).Trim();

            // By the node's rules alone.
            await Eventually("the node's rules have moved behind Docker's", () => Pings(one, second), Patience);
            await AssertPings(two, first);
            Assert.False((await two.Shell("c9", $"ping -c 1 -W 1 {second}")).ExitCode == 0, "another network of Docker's reaches a container");
            Assert.False((await two.Shell(Container, $"ping -c 1 -W 1 {other}")).ExitCode == 0, "a container reaches another network of Docker's");
            Assert.False((await one.Shell(Container, $"ping -c 1 -W 1 {other}")).ExitCode == 0, "a remote container reaches another network of Docker's");
            // The underlay's way in, as a machine beside the hosts would try it.
            Assert.NotEqual(0, (await Command.Run(lab[1].Host, "ping", "-I", "192.168.77.1", "-c", "1", "-W", "1", second)).ExitCode);
            // It is Docker that keeps them apart: without its chains all of it passes.
            foreach (string chain in new[] { "DOCKER", "DOCKER-ISOLATION-STAGE-1" })
                await Iptables(lab[2], $"-F {chain}");
            Assert.Equal(0, (await two.Shell("c9", $"ping -c 1 -W 2 {second}")).ExitCode);
        });
    }

    [DockerFact]
    public async Task Without_Docker_the_rules_say_what_is_missing_and_change_nothing()
    {
        using var lab = Prepare(output, 1);
        string file = Path.Combine(lab[1].RunDirectory, "subnet.env");
        await File.WriteAllTextAsync(file, "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n");
        var result = await Run(lab[1], "docker-rules");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no chain DOCKER-USER: start Docker first", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("akka-overlay", (await Command.Run(lab[1].Host, "iptables-save")).Output, StringComparison.Ordinal);
    }

    private static void RemoveLabBridges(OverlayLab lab)
    {
        // The lab's own containers have the subnets' first addresses, which are Docker's now.
        foreach (var host in lab.Hosts)
        {
            using var netlink = new NamespaceNetlink(host.Host);
            netlink.DeleteIfThere("cni0");
        }
    }

    private static async Task<string> StartContainer(DockerDaemon docker)
    {
        await docker.ImportBusybox(Image);
        await docker.Ask("run", "--detach", "--name", Container, "--stop-signal", "KILL", Image, "nc", "-ll", "-p", "9001", "-e", "sh", "-c", Receiver);
        return await Address(docker);
    }

    private static Task<string> Address(DockerDaemon docker) => docker.Ask("inspect", "--format", "{{.NetworkSettings.IPAddress}}", Container);

    private static async Task<bool> Pings(DockerDaemon from, string to) => (await from.Shell(Container, $"ping -c 1 -W 2 {to}")).ExitCode == 0;

    private static async Task AssertPings(DockerDaemon from, string to)
    {
        var ping = await from.Shell(Container, $"ping -c 3 -W 2 {to}");
        Assert.True(ping.ExitCode == 0 && ping.Output.Contains(" 0% packet loss", StringComparison.Ordinal), ping.ToString());
    }

    private async Task AssertTransfer(DockerDaemon from, string fromAddress, DockerDaemon to, string toAddress)
    {
        var (source, sent, came) = await Transfer(from, to, toAddress, megabytes: 16);
        Assert.Equal(fromAddress, source);
        Assert.Equal(sent, came);
        output.WriteLine($"measured: 16 MiB from {fromAddress} to {toAddress}, SHA-256 {came[..16]}…, the receiver saw {source}");
    }

    /// <summary>Random data from one container to the other.</summary>
    private static async Task<(string Source, string Sent, string Came)> Transfer(DockerDaemon from, DockerDaemon to, string address, int megabytes = 1)
    {
        string data = Path.GetTempFileName();
        try
        {
            byte[] octets = RandomNumberGenerator.GetBytes(megabytes << 20);
            await File.WriteAllBytesAsync(data, octets);
            await from.Ask("cp", data, $"{Container}:/tmp/data");
            var sent = await from.Shell(Container, $"nc -w 15 {address} 9001 < /tmp/data");
            string hash = Convert.ToHexStringLower(SHA256.HashData(octets)), came = "";
            await Eventually("all of it has come", async () =>
            {
                came = (await to.Shell(Container, "sha256sum /tmp/came")).Output.Split(' ')[0];
                return came == hash;
            }, Patience);
            return (sent.Output.Trim(), hash, came);
        }
        finally
        {
            File.Delete(data);
        }
    }

    private async Task<string> Rules(LabHost host)
    {
        var result = await Run(host, "docker-rules");
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Error;
    }

    private static Task<CommandResult> Run(LabHost host, params IEnumerable<string> arguments) =>
        Command.Run(host.Host, Command.Executable, [.. arguments, "--run-dir", host.RunDirectory]);

    private static async Task Iptables(LabHost host, string arguments)
    {
        var result = await Command.Run(host.Host, "iptables", arguments.Split(' '));
        Assert.True(result.ExitCode == 0, $"iptables {arguments}: {result}");
    }
}
