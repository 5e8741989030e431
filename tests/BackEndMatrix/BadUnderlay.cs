using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>An underlay that loses, delays and reorders (tc-netem(8)) until this is disposed.</summary>
internal sealed class BadUnderlay : IAsyncDisposable
{
    private readonly List<LabHost> hosts = [];

    public static async Task<BadUnderlay> MakeAsync(IEnumerable<LabHost> hosts)
    {
        var underlay = new BadUnderlay();
        foreach (var host in hosts)
        {
            await host.Do("tc qdisc add dev eth0 root netem loss 2% delay 20ms 5ms reorder 25%");
            underlay.hosts.Add(host);
        }
        return underlay;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
            await host.Do("tc qdisc delete dev eth0 root");
    }
}
