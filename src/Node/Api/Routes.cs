using AkkaOverlay.Node.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>The management API's paths, but for those of the cluster and of the ledger.</summary>
internal static class Routes
{
    public static void Map(WebApplication application, NodeQueries queries, ExplainQueries explain, MetricsPage metrics)
    {
        application.MapGet("/alive", async context => await context.Say("alive"));
        application.MapGet("/ready", async context =>
        {
            var ready = await queries.Ready();
            await context.Answer(ready, ApiJson.Default.ReadyModel, ready.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        application.MapGet("/metrics", async context =>
        {
            context.Response.ContentType = MetricsPage.ContentType;
            await context.Response.WriteAsync(await metrics.TextAsync());
        });
        application.MapGet("/status", async context => await context.Answer(await queries.StatusModel(), ApiJson.Default.StatusModel));
        application.MapGet("/leases", async context => await context.Answer(await queries.Ledger(), ApiJson.Default.LedgerModel));
        application.MapGet("/peers", async context => await context.Answer(await queries.Peers(), ApiJson.Default.IReadOnlyListPeerModel));
        application.MapGet("/routes", async context => await context.Answer(await queries.Objects(), ApiJson.Default.IReadOnlyListObjectModel));
        application.MapGet("/probes", async context => await context.Answer(await queries.ProbesModel(), ApiJson.Default.ProbesModel));
        var explanations = new RequestRate(ApiLimits.Explanations, 1, TimeProvider.System);
        application.MapGet("/explain", async context =>
        {
            if (PeerCredentials.Of(context) is null && !explanations.Take())
            {
                context.Response.Headers.RetryAfter = "1";
                await context.Say("too many ask for a packet's way over TCP: one a second is answered", StatusCodes.Status429TooManyRequests);
                return;
            }
            var (answer, problem) = await explain.Explain(context.Request.Query["from"].ToString(), context.Request.Query["to"].ToString());
            if (answer is not null)
                await context.Answer(answer, ApiJson.Default.ExplainModel);
            else
                await context.Say(problem!, StatusCodes.Status400BadRequest);
        });
    }
}
