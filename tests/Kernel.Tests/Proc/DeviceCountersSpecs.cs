using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Kernel.Tests.Proc;

public sealed class DeviceCountersSpecs
{
    private const string Table = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:   10000     100    0    0    0     0          0         0    10000     100    0    0    0     0       0          0
        flannel.1: 5000000000  40    0    0    0     0          0         0  7     3    0    9    0     0       0          0
        eth0:1: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0
        broken: 1 2 3
        odd: a b 0 0 0 0 0 0 3 4 0 0 0 0 0 0
        """;

    [Fact]
    public void Octets_and_packets_of_both_directions_are_read()
    {
        var devices = DeviceCounters.Parse(Table);
        Assert.Equal(new DeviceCounters(5_000_000_000, 40, 7, 3), devices["flannel.1"]);
        Assert.Equal(new DeviceCounters(10_000, 100, 10_000, 100), devices["lo"]);
        Assert.Equal(new DeviceCounters(1, 2, 3, 4), devices["eth0:1"]);
    }

    [Fact]
    public void What_is_no_row_of_counters_is_passed_over() => Assert.Equal(["eth0:1", "flannel.1", "lo"], DeviceCounters.Parse(Table).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void This_machine_has_a_loopback() => Assert.Contains("lo", DeviceCounters.Read().Keys);
}
