using System.Text.Json;
using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Page;

/// <summary>Asks everybody who knows something, and gives the picture. What does not answer in time is left out: the page must come also where the cluster does not.</summary>
internal sealed class PageQueries(NodeQueries queries, LedgerQueries ledger, IActorRef hostView, EventRing happened, PageSettings settings) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>One picture serves all that look at the same time.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly AllocatorWatch allocator = new(ledger.Ledger, TimeProvider.System);
    private readonly SemaphoreSlim one = new(1);
    private byte[] last = [];
    private long lastAt;

    /// <returns>A <see cref="PageView"/> as JSON.</returns>
    public async Task<byte[]> JsonAsync()
    {
        await one.WaitAsync();
        try
        {
            if (last.Length == 0 || TimeProvider.System.GetElapsedTime(lastAt) > Fresh)
            {
                last = JsonSerializer.SerializeToUtf8Bytes(PageViewMaker.Make(await FactsAsync()), PageJson.Default.PageView);
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

    private async Task<PageFacts> FactsAsync()
    {
        var status = queries.HostStatus();
        var leases = queries.LedgerView();
        var own = OrNull(hostView.Ask<ViewProtocol.HostDescribed>(new ViewProtocol.DescribeHost(0), Patience));
        var overlay = await queries.Overlay();
        var others = overlay is null ? null : await OrNull(overlay.System.ActorSelection($"/user/{OverviewActor.Name}").Ask<ViewProtocol.Overview>(ViewProtocol.GetOverview.Instance, Patience));
        var (listing, answers) = allocator.Look();
        var known = await status;
        return new PageFacts(
            new PageSelf(known.Node.ToString(), known.NodeName, NodeVersion.Text, settings.Network),
            known,
            await leases,
            (await own)?.View,
            overlay is null ? null : PageMembership.Of(overlay),
            others?.Others ?? [],
            listing,
            answers,
            settings.Seats,
            happened.Latest());
    }

    private static async Task<T?> OrNull<T>(Task<T> answer) where T : class
    {
        try
        {
            return await answer;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}

/// <param name="Network">The network's name; null for the default one.</param>
/// <param name="Seats">Core hosts in the seed list.</param>
internal sealed record PageSettings(string? Network, int Seats);
