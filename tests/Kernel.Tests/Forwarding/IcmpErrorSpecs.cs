using System.Net;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>What a sender is told, by ping's word: errors that nobody receives are none.</summary>
public sealed class IcmpErrorSpecs
{
    [Theory]
    [InlineData("-c 1 -W 2 10.9.77.1", "Destination Net Unreachable", ForwarderDrop.NoRoute)]
    [InlineData("-c 1 -W 2 fd09:0:0:77::1", "Destination unreachable: No route", ForwarderDrop.NoRoute)]
    [InlineData("-c 1 -W 2 -t 1 10.9.2.1", "Time to live exceeded", ForwarderDrop.TimeExceeded)]
    [InlineData("-c 1 -W 2 -t 1 fd09:0:0:2::1", "Time exceeded: Hop limit", ForwarderDrop.TimeExceeded)]
    public void A_packet_that_goes_nowhere_is_answered(string arguments, string answer, ForwarderDrop reason)
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        Assert.Contains(answer, tunnel.Hosts[0].Run("ping", arguments));
        Assert.Equal(1, tunnel.Counters[0][reason]);
        // Counted after it was written: ping may have it before.
        Assert.True(SpinWait.SpinUntil(() => tunnel.Counters[0][ForwarderCount.IcmpErrors] == 1, TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData("10.9.2.1", "ttl=63")]
    [InlineData("fd09:0:0:2::1", "ttl=63")]
    public void A_crossing_costs_one_of_the_time_to_live(string to, string expected)
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        Assert.Contains(expected, tunnel.Hosts[0].Run("ping", $"-c 1 -W 2 {to}"));
        // Two are enough to arrive: one for the crossing, one left.
        Assert.Contains(expected, tunnel.Hosts[0].Run("ping", $"-c 1 -W 2 -t 2 {to}"));
    }

    [Theory]
    [InlineData("-c 2 -i 0.3 -W 2 -M do -s 1400 10.9.2.1", 1272, false)]
    [InlineData("-c 2 -i 0.3 -W 2 -M do -s 1350 fd09:0:0:2::1", 1292, true)]
    public void A_path_that_became_narrower_is_named(string arguments, int mtu, bool outerIPv6)
    {
        using var tunnel = new Tunnel(outerIPv6: outerIPv6);
        tunnel.Start();
        Narrow(tunnel, outerIPv6 ? 1340 : 1300);
        string said = tunnel.Hosts[0].Run("ping", arguments);
        // "mtu = 1272" of a router's word, "mtu=1272" or "mtu: 1272" once the sender's own kernel knows it.
        Assert.Matches($"mtu ?[=:] ?{mtu}", said);
        Assert.NotEqual(0, tunnel.Counters[0][ForwarderDrop.TooBig]);
    }

    [Fact]
    public async Task What_may_be_fragmented_goes_through_a_narrow_path_and_TCP_finds_its_size()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        await Transfers.TcpAsync(tunnel, v6: false, 500_000, 1);
        Narrow(tunnel, 1300);
        Assert.Contains("3 received", tunnel.Hosts[0].Run("ping", "-c 3 -i 0.2 -W 2 -M dont -s 1400 10.9.2.1"));
        await Transfers.TcpAsync(tunnel, v6: false, 500_000, 2);
        await Transfers.TcpAsync(tunnel, v6: true, 500_000, 3);
        Assert.Empty(tunnel.Failures);
    }

    [Fact]
    public void Errors_are_not_answered_and_not_without_an_end()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        // As fast as it can: 500 in a moment.
        tunnel.Hosts[0].Run("ping", "-c 500 -i 0 -l 500 -W 1 -q 10.9.77.1");
        Assert.InRange(tunnel.Counters[0][ForwarderDrop.NoRoute], 400, 500);
        Assert.InRange(tunnel.Counters[0][ForwarderCount.IcmpErrors], 50, 450);
    }

    /// <summary>The underlay's link takes less than it did when the device was made.</summary>
    private static void Narrow(Tunnel tunnel, int mtu)
    {
        foreach (var host in tunnel.Hosts)
            host.Do(new RtnetlinkChange.SetLink(host.Kernel.FindLink("eth0")!.Index) { Mtu = mtu });
    }
}
