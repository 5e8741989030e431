using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Node.Tests.Lab;

[Collection(LabCollection.Name)]
public class LabNetworkSpecs
{
    /// <summary>Notes its arguments, and ends only when it is killed.</summary>
    private const string Stubborn = """
        #!/bin/sh
        trap 'echo asked' TERM
        echo "args $*"
        while :; do sleep 0.1; done
        """;

    [Fact]
    public void Disposal_removes_namespaces_processes_and_files_and_the_machine_itself_is_never_touched()
    {
        string before = RootState();
        var network = ByHand.TwoHosts();
        string lab = network.Name;
        Assert.Equal(before, RootState());
        Assert.Equal(6, ByHand.Leftovers(lab).Count());
        using (var process = network.Hosts[1].Container.StartProcess(new("sleep", "1000")))
        {
            network.Dispose();
            Assert.True(process.WaitForExit(2000));
        }
        Assert.Empty(ByHand.Leftovers(lab));
        Assert.Equal(before, RootState());
        network.Dispose();
    }

    [Fact]
    public void A_failure_in_the_middle_leaves_nothing_behind()
    {
        var network = LabNetwork.Create();
        string lab = network.Name;
        Assert.Throws<IOException>(() =>
        {
            using (network)
            {
                network.AddHost();
                using var taken = NetworkNamespace.Create($"{lab}-c2");
                network.AddHost();
            }
        });
        Assert.Empty(ByHand.Leftovers(lab));

        var settings = new LabSettings { Executable = "/nowhere/akka-overlay" };
        var failure = Assert.Throws<LabException>(() =>
        {
            using var second = LabNetwork.Create(settings);
            second.AddHost().Start();
        });
        Assert.Contains("/nowhere/akka-overlay", failure.Message);
        Assert.Empty(ByHand.Leftovers(lab));
    }

    [Fact]
    public async Task A_host_goes_and_another_comes_while_the_rest_runs()
    {
        using var network = ByHand.TwoHosts();
        network.RemoveHost(network.Hosts[0]);
        Assert.DoesNotContain($"{network.Name}-h1", NetworkNamespace.Names());
        var third = network.AddHost();
        ByHand.Connect(third);
        ByHand.Route(network.Hosts);
        Assert.Equal(["h2", "h3"], network.Hosts.Select(host => host.Name));
        Assert.True((await PingMatrix.RunAsync(network.Hosts)).IsComplete);
    }

    [Fact]
    public void The_container_follows_subnet_env()
    {
        using var network = ByHand.TwoHosts();
        var host = network.Hosts[0];
        int index = IndexOfPort(host);
        ByHand.Connect(host, mtu: 1450);
        Assert.Equal((index, 1450), (IndexOfPort(host), MtuIn(host.Container)));
        File.WriteAllText(host.SubnetFile, "FLANNEL_NETWORK=10.9.0.0/16\nFLANNEL_SUBNET=10.9.1.1/26\nFLANNEL_MTU=1400\nFLANNEL_IPMASQ=true\n");
        host.ConnectContainer();
        Assert.Equal("10.9.1.2", host.ContainerAddress!.ToString());
        Assert.Null(host.ContainerAddress6);
        Assert.Equal(1400, MtuIn(host.Container));
        File.WriteAllText(host.SubnetFile, "FLANNEL_MTU=1400\n");
        Assert.Contains("FLANNEL_SUBNET", Assert.Throws<LabException>(host.ConnectContainer).Message);
    }

    [Fact]
    public async Task A_node_gets_its_arguments_its_namespace_and_a_bounded_log_and_is_killed_where_asking_does_not_help()
    {
        string script = Script(Stubborn);
        using var network = LabNetwork.Create(new LabSettings { Executable = script });
        var host = network.AddHost();
        host.Start("--drain");
        await PingSpecs.Until(() => File.Exists(host.LogFile) && File.ReadAllText(host.LogFile).Contains("args"));
        Assert.Equal(
            $"args run --seed 192.168.77.1 --iface eth0 --state-dir {host.StateDirectory} --run-dir {host.RunDirectory} --node-name h1 "
            + $"--net-conf {network.NetConfFile} --drain\n",
            File.ReadAllText(host.LogFile));
        Assert.Contains(host.Process!.Id, host.Host.ProcessesInside());
        Assert.Equal(LabNetConf.Default, File.ReadAllText(network.NetConfFile));

        host.Terminate();
        await PingSpecs.Until(() => File.ReadAllText(host.LogFile).Contains("asked"));
        Assert.True(host.IsRunning);
        var failure = await Assert.ThrowsAsync<LabException>(() => host.WaitReadyAsync(TimeSpan.FromMilliseconds(200)));
        Assert.Contains("asked", failure.Details);
        host.Kill();
        Assert.Equal(128 + 9, await host.WaitForExitAsync());
        await Assert.ThrowsAsync<LabException>(() => host.WaitReadyAsync(TimeSpan.FromSeconds(60)));

        host.Start();
        int second = host.Process.Id;
        network.Hurry();
        network.Dispose();
        Assert.False(Directory.Exists($"/proc/{second}"));
        File.Delete(script);
    }

    [Fact]
    public void A_log_ends_at_its_limit()
    {
        string file = Path.GetTempFileName();
        using (var log = new LabLog(file, limit: 100))
        {
            for (int i = 0; i < 50; i++)
                log.Write($"line {i}\u001b");
            Assert.Equal(["line 11 "], log.Tail(2).Take(1));
            Assert.Contains("100 octets", log.Tail(1)[0]);
        }
        Assert.InRange(new FileInfo(file).Length, 90, 200);
        File.Delete(file);
    }

    internal static string Script(string text)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static string RootState()
    {
        using var netlink = RtnetlinkSocket.Open();
        return string.Join('\n', netlink.DumpLinks().Select(link => link.Name).Concat(netlink.DumpRoutes().Select(route => $"{route}")).Order());
    }

    private static int IndexOfPort(LabHost host)
    {
        using var netlink = host.Host.Run(RtnetlinkSocket.Open);
        return netlink.FindLink("veth0")!.Index;
    }

    private static int MtuIn(NetworkNamespace inside)
    {
        using var netlink = inside.Run(RtnetlinkSocket.Open);
        return netlink.FindLink("eth0")!.Mtu;
    }
}
