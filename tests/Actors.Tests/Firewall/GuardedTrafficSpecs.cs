using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Netfilter;
using Xunit.Abstractions;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>A lease holder's tunnel packets come as fast as one thread sends them, while the rules are written; needs root, ip and nft.</summary>
public sealed class GuardedTrafficSpecs : IDisposable
{
    private const int Writes = 60;

    private static readonly string Names = $"ao-gt-{Environment.ProcessId}";

    private readonly ITestOutputHelper output;
    private readonly NetworkNamespace peer = NetworkNamespace.Create($"{Names}-2");
    private readonly NetworkNamespace host = NetworkNamespace.Create($"{Names}-1");

    public GuardedTrafficSpecs(ITestOutputHelper output)
    {
        this.output = output;
        Ip(host, $"link add eth0 type veth peer name eth0 netns {Names}-2");
        foreach (var (where, address) in new[] { (host, "192.168.7.1/24"), (peer, "192.168.7.2/24") })
        {
            Ip(where, $"addr add {address} dev eth0");
            Ip(where, "link set eth0 up");
        }
        // Before the guard and behind it.
        Nft("""
            table inet witness {
             counter before { }
             counter behind { }
             chain before { type filter hook prerouting priority -300; udp dport 8472 counter name before; }
             chain behind { type filter hook input priority 10; udp dport 8472 counter name behind; }
            }
            """);
    }

    public void Dispose()
    {
        peer.Dispose();
        host.Dispose();
        NetworkNamespace.Delete($"{Names}-2");
        NetworkNamespace.Delete($"{Names}-1");
    }

    [Theory]
    [InlineData("the rules stay", "", 1)]
    [InlineData("somebody's rule goes", "add rule inet akka-overlay forward accept", 1)]
    [InlineData("another version's chain goes", "add chain inet akka-overlay old", 1)]
    [InlineData("another host's members go", "add element inet akka-overlay hosts4 { 192.168.7.77 }", 1)]
    [InlineData("the table was lost", "delete table inet akka-overlay", 1)]
    public void A_process_that_starts_and_writes_its_rules_takes_no_packet_away(string what, string change, int written)
    {
        var wanted = Wanted(NetworkOf(), null, Samples.Lease(2));
        Assert.Null(Start(wanted).Error);
        using var sending = new CancellationTokenSource();
        var sender = new Thread(() => peer.Run(() => Send(sending.Token)));
        sender.Start();
        try
        {
            for (int i = 0; i < Writes; i++)
            {
                if (change.Length > 0)
                    Nft(change);
                var outcome = Start(wanted);
                Assert.Equal((written, null), (outcome.Written, outcome.Error));
            }
        }
        finally
        {
            sending.Cancel();
            sender.Join();
        }
        var (before, behind) = (Count("before"), Count("behind"));
        output.WriteLine($"measured: {what}: written {Writes} times, {before} packets, {before - behind} lost");
        Assert.True(before > 10_000, $"{before} packets came");
        Assert.Equal(before, behind);
    }

    private EngineOutcome Start(WantedFirewall wanted) => new NftablesEngine(new ToolRunner(host.StartProcess)).Reconcile(wanted, mayRemove: true, look: true);

    /// <summary>VXLAN (RFC 7348) with VNI 1 around the start of an IPv4 packet from the peer's subnet.</summary>
    private static void Send(CancellationToken ending)
    {
        byte[] packet = new byte[8 + 14 + 20];
        packet[0] = 0x08;
        packet[6] = 1;
        packet[20] = 0x08;
        packet[22] = 0x45;
        (packet[34], packet[35], packet[36], packet[37]) = (10, 244, 2, 9);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Parse("192.168.7.1"), 8472);
        while (!ending.IsCancellationRequested)
        {
            try
            {
                socket.Send(packet);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody listens behind the guard.
            }
        }
    }

    private long Count(string counter)
    {
        string[] words = new ToolRunner(host.StartProcess).Run("nft", ["list", "counter", "inet", "witness", counter]).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[Array.IndexOf(words, "packets") + 1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Nft(string script)
    {
        var result = new ToolRunner(host.StartProcess).Run("nft", ["-f", "-"], script + "\n");
        Assert.True(result.Succeeded, result.Error);
    }

    private static void Ip(NetworkNamespace where, string arguments)
    {
        var result = new ToolRunner(where.StartProcess).Run("ip", arguments.Split(' '));
        Assert.True(result.Succeeded, result.Error);
    }
}
