using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Netfilter;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>The guard of ipip and wireguard in the kernel's own hands; needs root, ip and nft, and neither kind of device.</summary>
public sealed class TunnelGuardSpecs : IDisposable
{
    private static readonly string Names = $"ao-tg-{Environment.ProcessId}";

    private readonly NetworkNamespace peer = NetworkNamespace.Create($"{Names}-2");
    private readonly NetworkNamespace host = NetworkNamespace.Create($"{Names}-1");

    public TunnelGuardSpecs()
    {
        Run(host, "ip", $"link add eth0 type veth peer name eth0 netns {Names}-2");
        foreach (var (where, address) in new[] { (host, "192.168.7.1/24"), (peer, "192.168.7.2/24"), (peer, "192.168.7.66/24") })
        {
            Run(where, "ip", $"addr add {address} dev eth0");
            Run(where, "ip", "link set eth0 up");
        }
    }

    public void Dispose()
    {
        peer.Dispose();
        host.Dispose();
        NetworkNamespace.Delete($"{Names}-2");
        NetworkNamespace.Delete($"{Names}-1");
    }

    [Theory]
    [InlineData("192.168.7.2", "10.244.2.9", null)]
    [InlineData("192.168.7.2", "172.16.0.9", null)]
    [InlineData("192.168.7.2", "10.244.3.9", "inner 10.244.0.0/16 from another's host")]
    [InlineData("192.168.7.66", "10.244.2.9", "IPv4 sender without a lease")]
    public void An_ipip_packet_passes_only_from_a_lease_holder_in_its_own_name(string outer, string inner, string? drop)
    {
        var engine = new NftablesEngine(new ToolRunner(host.StartProcess));
        var wanted = Wanted(NetworkOf(nftables: false, backEnd: """{"Type":"ipip"}"""), null, Samples.Lease(2, 0, new IpipOffer()));
        Assert.Equal((null, true), Stands(engine, wanted));
        // Written once, it is found as wanted.
        Assert.Equal(0, engine.Reconcile(wanted, mayRemove: true, look: true).Written);
        byte[] packet = [.. Header(4, outer, "192.168.7.1"), .. Header(1, inner, "10.244.1.9")];
        peer.Run(() =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
            socket.SendTo(packet, new IPEndPoint(IPAddress.Parse("192.168.7.1"), 0));
        });
        var dropped = NftDump.Parse(Run(host, "nft", "-j list table inet akka-overlay")).Dropped.Where(rule => rule.Value > 0).Select(rule => rule.Key);
        Assert.Equal(drop is null ? [] : [drop], dropped);
    }

    [Fact]
    public void The_guard_of_wireguard_is_taken_by_nft_and_found_as_wanted()
    {
        var engine = new NftablesEngine(new ToolRunner(host.StartProcess));
        var wanted = Wanted(NetworkOf(nftables: false, backEnd: """{"Type":"wireguard"}"""), null, Samples.Lease(2));
        Assert.Equal((null, true), Stands(engine, wanted));
        Assert.Equal(0, engine.Reconcile(wanted, mayRemove: true, look: true).Written);
    }

    /// <summary>RFC 791, 3.1. Of the outer header the kernel writes length and checksum (raw(7)).</summary>
    private static byte[] Header(byte protocol, string source, string destination) =>
        [0x45, .. new byte[7], 64, protocol, 0, 0, .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes()];

    private static (string? Error, bool Written) Stands(NftablesEngine engine, WantedFirewall wanted)
    {
        var outcome = engine.Reconcile(wanted, mayRemove: true, look: true);
        return (outcome.Error ?? (outcome.Notes.IsEmpty ? null : string.Join("; ", outcome.Notes)), outcome.Written == 1);
    }

    private static string Run(NetworkNamespace where, string program, string arguments)
    {
        var result = new ToolRunner(where.StartProcess).Run(program, arguments.Split(' '));
        Assert.True(result.Succeeded, result.Error);
        return result.Output;
    }
}
