using System.Collections.Concurrent;
using System.Diagnostics;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Kernel.Tests.Netfilter;

/// <summary>With the real nft as somebody else; needs root.</summary>
public sealed class NetfilterMonitorSpecs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_transaction_is_one_event_with_its_maker_and_everything_that_it_touched()
    {
        using var test = new TestNamespace();
        using var monitor = test.Inside.Run(() => new NetfilterMonitor());
        var events = new BlockingCollection<NetfilterEvent>();
        monitor.Start(events.Add, _ => { });
        using (var nft = test.Inside.StartProcess(new ProcessStartInfo("nft", "add table inet t; add chain inet t c; add rule inet t c accept; add set ip6 s x { type ipv6_addr ; }; add table ip6 s")))
            nft.WaitForExit();
        using (var nft = test.Inside.StartProcess(new ProcessStartInfo("nft", "add table inet t; add chain inet t c; add rule inet t c accept")))
        {
            nft.WaitForExit();
            var seen = Take(events, change => change.Touched.Count == 2);
            Assert.Equal(
                [new TouchedChain(TableFamily.Inet, "t", "c"), new TouchedChain(TableFamily.Inet, "t", null)],
                seen.Touched.OrderBy(chain => chain.Chain is null));
            Assert.Equal((nft.Id, "nft", false), (seen.ProcessId, seen.ProcessName, seen.Overrun));
            Assert.Equal((uint)nft.Id, seen.PortId);
        }
        test.Run("nft", "flush ruleset");
        Assert.Contains(new TouchedChain(TableFamily.Inet, "t", null), Take(events, change => change.Touched.Count > 0).Touched);
    }

    [Fact]
    public void A_transaction_that_touches_very_much_is_told_as_an_overrun()
    {
        using var test = new TestNamespace();
        using var monitor = test.Inside.Run(() => new NetfilterMonitor());
        var events = new BlockingCollection<NetfilterEvent>();
        monitor.Start(events.Add, _ => { });
        string script = "add table inet t\n" + string.Concat(Enumerable.Range(0, TransactionReader.MostChains + 1).Select(n => $"add chain inet t c{n}\n"));
        var result = new ToolRunner(test.Inside.StartProcess).Run("nft", ["-f", "-"], script);
        Assert.True(result.Succeeded, result.Error);
        Assert.True(Take(events, _ => true).Overrun);
    }

    private static NetfilterEvent Take(BlockingCollection<NetfilterEvent> events, Func<NetfilterEvent, bool> matches)
    {
        while (events.TryTake(out var change, Patience))
        {
            if (matches(change))
                return change;
        }
        throw new TimeoutException("no such event");
    }
}
