using AkkaOverlay.Node.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>The management API's paths.</summary>
internal static class Routes
{
    public static void Map(WebApplication application, NodeQueries queries, LedgerQueries ledger, ExplainQueries explain, MetricsPage metrics)
    {
        LedgerRoutes.Map(application, queries, ledger);
        NetworkRoutes.Map(application, new NetworkQueries(ledger, queries));
        application.MapGet("/alive", async context => await Answer(context, new MessageModel("alive")));
        application.MapGet("/ready", async context =>
        {
            var ready = await queries.Ready();
            await context.Response.Answer(ready, ApiJson.Default.ReadyModel, ready.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        application.MapGet("/metrics", async context =>
        {
            context.Response.ContentType = MetricsPage.ContentType;
            await context.Response.WriteAsync(await metrics.TextAsync());
        });
        application.MapGet("/status", async context => await context.Response.Answer(await queries.StatusModel(), ApiJson.Default.StatusModel));
        application.MapGet("/leases", async context => await context.Response.Answer(await queries.Ledger(), ApiJson.Default.LedgerModel));
        application.MapGet("/peers", async context => await context.Response.Answer(await queries.Peers(), ApiJson.Default.IReadOnlyListPeerModel));
        application.MapGet("/probes", async context => await context.Response.Answer(await queries.ProbesModel(), ApiJson.Default.ProbesModel));
        application.MapGet("/routes", async context => await context.Response.Answer(await queries.Objects(), ApiJson.Default.IReadOnlyListObjectModel));
        application.MapGet("/explain", async context =>
        {
            var (answer, problem) = await explain.Explain(context.Request.Query["from"].ToString(), context.Request.Query["to"].ToString());
            if (answer is not null)
                await context.Response.Answer(answer, ApiJson.Default.ExplainModel);
            else
                await Answer(context, new MessageModel(problem!), StatusCodes.Status400BadRequest);
        });
        application.MapGet("/cluster/members", async context =>
        {
            if (await queries.Members() is { } members)
                await context.Response.Answer(members, ApiJson.Default.MembersModel);
            else
                await Answer(context, new MessageModel("this node has no connection to the cluster"), StatusCodes.Status503ServiceUnavailable);
        });
        application.MapDelete("/cluster/members/{address}", async context =>
        {
            string address = Uri.UnescapeDataString((string)context.Request.RouteValues["address"]!);
            var answer = await queries.Leave(address);
            await Answer(
                context,
                new MessageModel(answer?.Text ?? $"Member [{address}] not found"),
                answer is null ? StatusCodes.Status404NotFound : answer.Accepted ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        application.MapGet("/cluster/seats", async context => await AnswerSeats(context, await queries.Seats(null)));
        application.MapPut("/cluster/seats", async context =>
        {
            var change = await context.Request.ReadFromJsonAsync(ApiJson.Default.ChangeSeatsModel);
            context.Wants($"seats {string.Join(", ", change?.Seats ?? [])}");
            await AnswerSeats(context, await queries.Seats(change?.Seats ?? []));
        });
        application.MapPost("/cluster/seats/recover", async context => await AnswerSeats(context, await queries.RecoverSeats()));
        application.MapFallback(context => Answer(context, new MessageModel($"no such path: {context.Request.Method} {context.Request.Path}"), StatusCodes.Status404NotFound));
    }

    private static Task AnswerSeats(HttpContext context, (SeatsModel? Seats, string? Problem) answer) => answer.Seats is { } seats
        ? context.Response.Answer(seats, ApiJson.Default.SeatsModel)
        : Answer(context, new MessageModel(answer.Problem!), StatusCodes.Status503ServiceUnavailable);

    private static Task Answer(HttpContext context, MessageModel message, int status = StatusCodes.Status200OK)
    {
        context.Came(message.Message);
        return context.Response.Answer(message, ApiJson.Default.MessageModel, status);
    }

    private static Task Answer<T>(
        this HttpResponse response, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        response.StatusCode = status;
        return response.WriteAsJsonAsync(value, type);
    }
}
