using Akka.Actor;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Metrics;

/// <summary>
/// The page behind <c>GET /metrics</c>: asks each part of the node, leaves out what does not answer in time and says so. A part of its own has a file of its own
/// beside this one.
/// </summary>
internal sealed class MetricsPage(NodeQueries queries, MeterReader meter) : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>A page this young is given again: the kernel is compared with what is wanted for each, and several may ask at once.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>Below Prometheus's scrape timeout (10 s) and longer than any part takes that is well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly SemaphoreSlim one = new(1);
    private string last = "";
    private long lastAt;

    public async Task<string> TextAsync()
    {
        await one.WaitAsync();
        try
        {
            if (last.Length == 0 || TimeProvider.System.GetElapsedTime(lastAt) > Fresh)
            {
                last = await MakeAsync();
                lastAt = TimeProvider.System.GetTimestamp();
            }
            return last;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<string> MakeAsync()
    {
        var samples = new Samples();
        // All at once: together they take as long as the slowest.
        var status = queries.HostStatus();
        var ledger = queries.LedgerView();
        var rows = queries.Rows();
        var overlay = queries.Overlay();
        var forwarders = queries.Forwarders(status);
        var probes = queries.Probes();
        await Part("host", async () =>
        {
            HostSamples.Add(samples, await status.WaitAsync(Patience));
            HostSamples.Add(samples, await ledger.WaitAsync(Patience));
        });
        await Part("kernel", async () =>
        {
            var objects = await rows.WaitAsync(Patience);
            KernelSamples.Add(samples, objects);
            KernelSamples.Add(samples, NodeQueries.PeersOf(await status.WaitAsync(Patience), await ledger.WaitAsync(Patience), objects, traffic: null));
        });
        await Part("probes", async () => ProbeSamples.Add(samples, await probes.WaitAsync(Patience)));
        await Part("forwarders", async () =>
        {
            if (await forwarders.WaitAsync(Patience) is { } pool)
                ForwarderSamples.Add(samples, pool);
        });
        await Part("cluster", async () =>
        {
            var life = await overlay.WaitAsync(Patience);
            var state = life?.Cluster.State;
            ClusterSamples.Add(samples, life?.Cluster.SelfMember.Status, [.. state?.Members.Select(member => member.Status) ?? []], state?.Unreachable.Count ?? 0);
            ClusterSamples.Add(samples, life?.Allocator.Table);
        });
        await Part("process", () =>
        {
            ProcessSamples.Add(samples);
            return Task.CompletedTask;
        });
        meter.AddTo(samples);
        return samples.ToText();

        async Task Part(string name, Func<Task> add)
        {
            bool up = true;
            try
            {
                await add();
            }
            catch (Exception e) when (e is TimeoutException or AskTimeoutException or IOException or UnauthorizedAccessException)
            {
                up = false;
            }
            samples.Add(Catalogue.SourceUp, up, name);
        }
    }
}
