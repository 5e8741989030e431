using AkkaOverlay.Kernel.Forwarding;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed class AllocationSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_million_packets_cost_the_collector_nothing(bool encrypted)
    {
        // Small packets: the more of them there are.
        using var tunnel = new Tunnel(mtu: 576);
        tunnel.Start(encrypted: encrypted);
        // Code is compiled and keys are agreed on first.
        for (int i = 0; i < 4; i++)
        {
            await Transfers.TcpAsync(tunnel, v6: false, 20_000_000, i);
            await Transfers.UdpTrainAsync(tunnel, v6: false, 200, 500, i);
        }
        long[] before = await QuietAsync(tunnel);
        long packets = Packets(tunnel);
        for (int i = 0; Packets(tunnel) - packets < 1_000_000; i++)
        {
            await Transfers.TcpAsync(tunnel, v6: false, 60_000_000, i);
            await Transfers.UdpTrainAsync(tunnel, v6: false, 200, 500, i);
        }
        long[] after = await QuietAsync(tunnel);
        output.WriteLine($"measured: {Packets(tunnel) - packets} {(encrypted ? "encrypted " : "")}packets, {after.Sum() - before.Sum()} octets allocated by the loops' threads");
        // With keys an exchange may fall in, which is no packet's: some hundred octets.
        Assert.InRange(after.Sum() - before.Sum(), 0, encrypted ? 4096 : 0);
    }

    private static long Packets(Tunnel tunnel) => tunnel.Counters[0][ForwarderCount.SentPackets] + tunnel.Counters[1][ForwarderCount.SentPackets];

    /// <summary>A thread says what it has allocated when it goes to sleep.</summary>
    private static async Task<long[]> QuietAsync(Tunnel tunnel)
    {
        await Task.Delay(300);
        return [.. tunnel.Loops.Select(loop => loop.Allocated)];
    }
}
