using System.Collections.Concurrent;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Tests.Tun;

public sealed class TunQueueSpecs
{
    [Fact]
    public void Looking_for_a_device_that_is_not_there_makes_none_and_tells_nobody()
    {
        using var host = new TestNamespace();
        using var events = new BlockingCollection<RtnetlinkEvent>();
        using var monitor = host.Inside.Run(() => new RtnetlinkMonitor());
        monitor.Start(events.Add);
        Assert.Equal(Errno.ENODEV, Assert.Throws<NetlinkException>(() => Open(host)).Errno);
        // The first thing that anybody hears of is this device, made afterwards.
        host.Do(new RtnetlinkChange.CreateTun("after", "a test"));
        Assert.True(events.TryTake(out var first, TimeSpan.FromSeconds(10)));
        Assert.Equal("after", Assert.IsType<RtnetlinkEvent.LinkEvent>(first).Link.Name);
    }

    [Fact]
    public void A_device_that_ends_with_whoever_makes_it_is_not_there()
    {
        using var host = new TestNamespace();
        using (host.Inside.Run(() => NewTun.Make("flannel0")))
            Assert.Equal(Errno.ENODEV, Assert.Throws<NetlinkException>(() => Open(host)).Errno);
        Assert.Null(host.Kernel.FindLink("flannel0"));
    }

    [Fact]
    public void A_device_that_stays_has_as_many_queues_as_are_opened()
    {
        using var host = new TestNamespace();
        host.Do(new RtnetlinkChange.CreateTun("flannel0", "a test"));
        using var first = Open(host);
        using var second = Open(host);
        Assert.NotEqual(first.Descriptor, second.Descriptor);
    }

    private static TunQueue Open(TestNamespace host) => host.Inside.Run(() => TunQueue.Open("flannel0", TunOffloads.Checksum));
}
