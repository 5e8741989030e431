using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Tun;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>Real traffic through real TUN devices and sockets: whatever is offloaded, what arrives is what was sent.</summary>
public sealed class TransferSpecs(ITestOutputHelper output)
{
    private static readonly TunOffloads[] Offloads =
    [
        TunOffloads.None,
        TunOffloads.Checksum,
        TunOffloads.Checksum | TunOffloads.Tso4 | TunOffloads.Tso6,
        ForwarderOptions.Default.Offloads,
    ];

    [Fact]
    public async Task Every_combination_of_offloads_delivers_the_same_bits()
    {
        using var tunnel = new Tunnel();
        int seed = 0;
        long segmented = 0, joined = 0;
        foreach (var offloads in Offloads)
        {
            foreach (int bits in Enumerable.Range(0, 32))
            {
                var first = new ForwarderOptions { Offloads = offloads, SegmentOnSend = (bits & 1) != 0, ReadsPerBatch = (bits & 2) != 0 ? 64 : 1, ThreadPerDirection = (bits & 1) != 0 };
                var second = first with { GroOnReceive = (bits & 4) != 0, CoalesceTcp = (bits & 8) != 0, CoalesceUdp = (bits & 16) != 0, ThreadPerDirection = (bits & 4) != 0 };
                tunnel.Start(first, second);
                bool v6 = (++seed & 1) != 0;
                await Transfers.TcpAsync(tunnel, v6, 400_000 + seed, seed);
                await Transfers.UdpAsync(tunnel, v6, 40, 1301, 0, seed);
                await Transfers.UdpAsync(tunnel, v6, 80, 40_000 + seed, 1201, seed);
                await Transfers.UdpTrainAsync(tunnel, v6, 100, 1 + (seed * 10), seed);
                segmented += tunnel.Counters[0][ForwarderCount.SentPackets] - tunnel.Counters[0][ForwarderCount.TunReads];
                joined += tunnel.Counters[1][ForwarderCount.ReceivedPackets] - tunnel.Counters[1][ForwarderCount.TunWrites];
            }
        }
        AssertIntact(tunnel);
        output.WriteLine($"measured: {seed} combinations of offloads; {segmented} packets were cut out of others, {joined} were joined to others");
        Assert.True(segmented > 1000 && joined > 1000, "nothing was offloaded: the test proves nothing");
    }

    [Theory]
    [InlineData(576, false, false)]
    [InlineData(1280, false, false)]
    [InlineData(1280, true, true)]
    [InlineData(1400, true, false)]
    [InlineData(1472, false, true)]
    [InlineData(8900, false, false)]
    [InlineData(8900, true, true)]
    public async Task Every_mtu_and_every_family_inside_and_outside(int mtu, bool v6, bool outerIPv6)
    {
        using var tunnel = new Tunnel(mtu, outerIPv6);
        tunnel.Start();
        int headers = v6 ? 48 : 28;
        await Transfers.TcpAsync(tunnel, v6, 3_000_000, mtu);
        await Transfers.UdpAsync(tunnel, v6, 50, mtu - headers, 0, mtu);
        await Transfers.UdpAsync(tunnel, v6, 200, 20 * (mtu - headers - 7) > 60_000 ? 60_000 : 20 * (mtu - headers - 7), mtu - headers - 7, mtu);
        await Transfers.UdpTrainAsync(tunnel, v6, 100, mtu - headers, mtu);
        // Larger than the device takes: the sender's kernel makes fragments, which go through as they are.
        await Transfers.UdpAsync(tunnel, v6, 20, 3 * mtu, 0, mtu);
        AssertIntact(tunnel);
    }

    /// <summary>The kernel gives out packets of 65,535 octets whole; a read that is shorter would cut them without a word.</summary>
    [Theory]
    [InlineData(false, 65_507)]
    [InlineData(true, 65_527)]
    public async Task The_largest_packet_that_there_is_arrives_whole(bool v6, int payload)
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        await Transfers.UdpAsync(tunnel, v6, 20, payload, 1200, 1);
        await Transfers.UdpAsync(tunnel, v6, 20, payload, 0, 2);
        AssertIntact(tunnel);
    }

    private static void AssertIntact(Tunnel tunnel)
    {
        Assert.Empty(tunnel.Failures);
        foreach (var host in tunnel.Hosts)
        {
            Assert.Equal(0, Transfers.Snmp(host.Inside, "Tcp", "InCsumErrors"));
            Assert.Equal(0, Transfers.Snmp(host.Inside, "Udp", "InCsumErrors"));
            Assert.Equal(0, Transfers.Snmp(host.Inside, "Ip", "InHdrErrors"));
        }
        foreach (var counters in tunnel.Counters)
            Assert.Equal(counters[ForwarderDrop.NotUnicast], counters.Dropped);
    }
}
