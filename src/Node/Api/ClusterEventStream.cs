using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AkkaOverlay.Node.Api;

/// <summary>How many listen to events over TCP; the unix socket's are not counted.</summary>
internal sealed class ListenerCount(int most)
{
    private int open;

    public bool Enter()
    {
        if (Interlocked.Increment(ref open) <= most)
            return true;
        Interlocked.Decrement(ref open);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref open);
}

/// <summary><c>GET /cluster/domain-events</c>: server-sent events (HTML standard, 9.2), first the present state, then each change.</summary>
internal static class ClusterEventStream
{
    /// <summary>A comment goes out where there is no event: whoever is gone is found out, and a client knows that the stream lives.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static async Task Write(HttpContext context, ClusterQueries cluster, ListenerCount listeners)
    {
        string[] wanted = [.. context.Request.Query["type"].Select(name => name ?? "")];
        foreach (string name in wanted.Where(name => !ClusterEvents.Names.Contains(name)))
            throw new BadRequestException(StatusCodes.Status400BadRequest, $"type '{name}': must be one of {string.Join(", ", ClusterEvents.Names)}");
        bool counted = PeerCredentials.Of(context) is null;
        if (counted && !listeners.Enter())
            throw new BadRequestException(StatusCodes.Status503ServiceUnavailable, $"{ApiLimits.TcpListeners} listen already");
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            await Write(context, cluster, wanted, end);
        }
        finally
        {
            if (counted)
                listeners.Leave();
        }
    }

    private static async Task Write(HttpContext context, ClusterQueries cluster, string[] wanted, CancellationTokenSource end)
    {
        if (await cluster.Listen(end.Token) is not { } events)
        {
            await context.Say(ClusterQueries.NoCluster, StatusCodes.Status503ServiceUnavailable);
            return;
        }
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-cache";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.Body.FlushAsync(end.Token);
            for (var more = events.WaitToReadAsync(end.Token).AsTask(); ;)
            {
                if (await Task.WhenAny(more, Task.Delay(Heartbeat, end.Token)) != more)
                {
                    await context.Response.WriteAsync(":\n\n", end.Token);
                    continue;
                }
                if (!await more)
                    return;
                while (events.TryRead(out var domainEvent))
                {
                    if (ClusterEvents.ToModel(domainEvent) is { } model && ClusterEvents.Is(model, wanted))
                        await context.Response.WriteAsync($"data:{JsonSerializer.Serialize(model, EventJson.Default.ClusterEventModel)}\nevent:{model.Type}\n\n", end.Token);
                }
                more = events.WaitToReadAsync(end.Token).AsTask();
            }
        }
        catch (OperationCanceledException)
        {
            // The listener is gone, or the node ends.
        }
        finally
        {
            await end.CancelAsync();
        }
    }
}
