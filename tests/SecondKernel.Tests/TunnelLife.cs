using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>What every back end with a device of the kernel's must stand, whatever it is called: the columns of the table in docs/backends.md.</summary>
internal sealed class TunnelLife(OverlayLab lab, string device)
{
    private const string StaleSubnet = "10.244.250.0/24";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30) * Slowness;

    /// <summary>Two hosts, one after the other: two that start at once on emulated processors keep each other waiting.</summary>
    public static async Task<OverlayLab> StartAsync(ITestOutputHelper output, string netConf)
    {
        var lab = Prepare(output, 2, netConf);
        try
        {
            await lab.Run(async () =>
            {
                lab[1].Start();
                await lab[1].WaitReadyAsync(Patience * 4);
                lab[2].Start();
                await lab.WaitReadyAsync();
            });
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>A megabyte, octet by octet what was sent.</summary>
    public async Task TransfersTcp(bool ipv6 = false)
    {
        byte[] sent = new byte[1 << 20];
        Random.Shared.NextBytes(sent);
        var address = Address(lab[2], ipv6);
        using var listener = lab[2].Container.Run(() => new TcpListener(address, 9000));
        listener.Start();
        var receiving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync();
            var all = new MemoryStream();
            await connection.GetStream().CopyToAsync(all);
            return all.ToArray();
        });
        using (var client = lab[1].Container.Run(() => new TcpClient(address.AddressFamily)))
        {
            await client.ConnectAsync(address, 9000).WaitAsync(Patience);
            await client.GetStream().WriteAsync(sent);
        }
        Assert.Equal(sent, await receiving.WaitAsync(Patience));
    }

    /// <summary>An underlay that loses, delays and reorders (tc-netem(8)): the same megabyte arrives.</summary>
    public async Task TransfersTcpOverABadLink()
    {
        string[] bad = ["loss", "2%", "delay", "20ms", "5ms", "reorder", "25%"];
        foreach (var host in lab.Hosts)
            Assert.Equal(0, (await Command.Run(host.Host, "tc", ["qdisc", "add", "dev", "eth0", "root", "netem", .. bad])).ExitCode);
        await TransfersTcp();
        foreach (var host in lab.Hosts)
            Assert.Equal(0, (await Command.Run(host.Host, "tc", "qdisc", "delete", "dev", "eth0", "root")).ExitCode);
    }

    /// <summary>A packet of the container's MTU passes whole, and one octet more is refused at home.</summary>
    public async Task PassesPacketsOf(int mtu, bool ipv6 = false)
    {
        Assert.Contains($"FLANNEL_MTU={mtu}\n", await File.ReadAllTextAsync(lab[1].SubnetFile), StringComparison.Ordinal);
        int payload = mtu - (ipv6 ? 48 : 28);
        Assert.Equal(0, (await PingOnce(payload, ipv6)).ExitCode);
        Assert.NotEqual(0, (await PingOnce(payload + 1, ipv6)).ExitCode);
    }

    /// <summary>Somebody deletes the device: it is back with all that hangs on it, and packets pass.</summary>
    public async Task ComesBackAfterItsDeletion()
    {
        Assert.Equal(0, (await Command.Run(lab[1].Host, "ip", "link", "delete", device)).ExitCode);
        var took = await Eventually("packets pass again", async () => await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(1)) is not null, Patience);
        lab.Measured($"{device} deleted: packets pass again after {took.TotalMilliseconds:0} ms (second kernel, emulated)");
    }

    /// <summary>SIGKILL and another start: the same device, not one packet lost; and what a dead peer left is swept.</summary>
    public async Task OutlivesItsNode()
    {
        int index = await Index(lab[2]);
        using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!, TimeSpan.FromMilliseconds(100));
        lab[2].Kill();
        await lab[2].WaitForExitAsync();
        Assert.Equal(0, (await Command.Run(lab[2].Host, "ip", "route", "add", StaleSubnet, "dev", device, "proto", "77")).ExitCode);
        lab[2].Start();
        await lab[2].WaitReadyAsync(Patience * 2);
        await Eventually("the route of a peer that is no more is swept", async () => !(await OurRoutes(lab[2])).Contains(StaleSubnet), Patience);
        var seen = await pings.StopAsync();
        lab.Measured($"{device}: kill -9 and restart, {seen.Sent} pings, {seen.Lost.Count} lost (second kernel, emulated)");
        Assert.Empty(seen.Lost);
        Assert.Equal(index, await Index(lab[2]));
    }

    /// <summary>A host that leaves for good takes its routes along; the other's device stays.</summary>
    public async Task ForgetsWhoLeft()
    {
        string gone = await Subnet(lab[2]);
        lab[2].Terminate();
        await lab[2].WaitForExitAsync();
        Assert.Equal(0, (await Command.Run(lab[2].Host, Command.Executable, "cleanup", "--state-dir", lab[2].StateDirectory, "--run-dir", lab[2].RunDirectory)).ExitCode);
        Assert.NotEqual(0, (await Command.Run(lab[2].Host, "ip", "link", "show", device)).ExitCode);
        // Refused as long as the cluster counts the host as one of its own.
        CommandResult released = null!;
        try
        {
            await Eventually(
                "the lease is released",
                async () => (released = await Command.Run(lab[1].Host, Command.Executable, "lease", "release", gone, "--run-dir", lab[1].RunDirectory)).ExitCode == 0,
                Patience,
                TimeSpan.FromSeconds(1));
        }
        catch (TimeoutException)
        {
            Assert.Fail(released.ToString());
        }
        await Eventually("the peer is gone", async () => (await lab[1].Api.PeersAsync()).Count == 0, Patience);
        Assert.Equal("UNKNOWN", (await Device(lab[1])).GetProperty("operstate").GetString());
    }

    public async Task<JsonElement> Device(LabHost host) => (await Ip(host, "-d", "link", "show", device))[0];

    private async Task<int> Index(LabHost host) => (await Device(host)).GetProperty("ifindex").GetInt32();

    private Task<CommandResult> PingOnce(int payload, bool ipv6) => Command.Run(
        lab[1].Container, "ping", "-M", "do", "-c", "1", "-W", "10", "-s", payload.ToString(CultureInfo.InvariantCulture), Address(lab[2], ipv6).ToString());

    private static IPAddress Address(LabHost host, bool ipv6) => (ipv6 ? host.ContainerAddress6 : host.ContainerAddress)!;
}
