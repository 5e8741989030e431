using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Asks hosts for their leases again and again, and notes any two of one answer that overlap.</summary>
internal sealed class OverlapWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    public OverlapWatch(IReadOnlyList<LabHost> hosts) => loop = Watch(hosts);

    public HashSet<string> Overlaps { get; } = [];

    /// <summary>Answers that were looked at.</summary>
    public int Looks { get; private set; }

    /// <summary>The most leases of one answer.</summary>
    public int Most { get; private set; }

    /// <summary>Ends the watch; then the properties stand still.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    /// <summary>Pairs of leases that have addresses in common.</summary>
    internal static IEnumerable<string> Among(IReadOnlyList<LeaseModel> leases)
    {
        var subnets = leases.Where(lease => lease.Subnet is not null).Select(lease => (lease.Node, Subnet: IpPrefix.Parse(lease.Subnet!))).ToList();
        return
            from i in Enumerable.Range(0, subnets.Count)
            from j in Enumerable.Range(i + 1, subnets.Count - i - 1)
            where subnets[i].Subnet.Overlaps(subnets[j].Subnet)
            select $"{subnets[i].Subnet} of {subnets[i].Node} and {subnets[j].Subnet} of {subnets[j].Node}";
    }

    private async Task Watch(IReadOnlyList<LabHost> hosts)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var host in hosts)
            {
                try
                {
                    var leases = (await host.Api.LeasesAsync()).Leases;
                    Overlaps.UnionWith(Among(leases));
                    Looks++;
                    Most = Math.Max(Most, leases.Count);
                }
                catch (ApiException)
                {
                    // Busy: asked again.
                }
            }
            await Task.Delay(Interval, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
