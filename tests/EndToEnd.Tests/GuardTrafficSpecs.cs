using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.FirewallLab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The guard drops nothing that the overlay's own hosts and containers send.</summary>
public sealed class GuardTrafficSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData("""{"Type":"vxlan"}""", "classic", false)]
    [InlineData("""{"Type":"vxlan"}""", "compact", true)]
    [InlineData("""{"Type":"vxlan","DirectRouting":true}""", "classic", false)]
    [InlineData("""{"Type":"udp"}""", "classic", true)]
    [InlineData("""{"Type":"udp","Encryption":"aes-256-gcm"}""", "classic", false)]
    public async Task Nothing_of_our_own_is_dropped(string backEnd, string layout, bool nftables)
    {
        using var lab = Prepare(output, 2, DualStack(backEnd, nftables));
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab, "--spoof-guard", "on", "--vxlan-layout", layout);
            await Matrix.AssertNoLoss(lab);
            // From here on every host knows every other: who heard of a peer first may have probed it before it could know who asks.
            List<IReadOnlyDictionary<string, long>> before = [];
            foreach (var host in lab.Hosts)
                before.Add(await Ambush.Drops(host.Host));
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
            foreach (bool ipv6 in new[] { false, true })
            {
                IPAddress Container(int host) => (ipv6 ? lab[host].ContainerAddress6 : lab[host].ContainerAddress)!;
                await Transfer(lab[1].Container, lab[2].Container, Container(2));
                await Transfer(lab[2].Host, lab[2].Container, Container(2));
                await Transfer(lab[1].Host, lab[2].Container, Container(2));
                await Transfer(lab[1].Container, lab[1].Host, Gateway(Container(1)));
                await Transfer(lab[1].Container, lab[2].Host, Gateway(Container(2)));
                await Transfer(lab[1].Host, lab[1].Host, Gateway(Container(1)));
            }
            // vxlan's outer packets of IPv4 may be cut on their way.
            await Do(lab[2], "ip route add 192.168.77.1/32 dev eth0 mtu 1300");
            await Do(lab[2].Container, $"ping -q -c 3 -i 0.2 -W 2 -M dont -s 1380 {lab[1].ContainerAddress}");
            foreach (var (host, then) in lab.Hosts.Zip(before))
                Assert.Equal(then, await Ambush.Drops(host.Host));
        });
    }

    private static IPAddress Gateway(IPAddress container)
    {
        byte[] octets = container.GetAddressBytes();
        octets[^1] = 1;
        return new IPAddress(octets);
    }

    /// <summary>A megabyte by TCP, there and back.</summary>
    private static async Task Transfer(NetworkNamespace client, NetworkNamespace server, IPAddress address)
    {
        byte[] sent = new byte[1 << 20];
        new Random(1).NextBytes(sent);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var listener = server.Run(() => new TcpListener(address, 0));
        server.Run(() => listener.Start());
        using var socket = client.Run(() => new TcpClient(address.AddressFamily));
        var echo = Task.Run(async () =>
        {
            using var accepted = await listener.AcceptTcpClientAsync(patience.Token);
            await accepted.GetStream().CopyToAsync(accepted.GetStream(), patience.Token);
        }, patience.Token);
        await socket.ConnectAsync((IPEndPoint)listener.LocalEndpoint, patience.Token);
        var written = socket.GetStream().WriteAsync(sent, patience.Token);
        byte[] received = new byte[sent.Length];
        await socket.GetStream().ReadExactlyAsync(received, patience.Token);
        await written;
        socket.Client.Shutdown(SocketShutdown.Send);
        await echo;
        Assert.Equal(sent, received);
    }
}
