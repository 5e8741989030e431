using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>The paths that ask the allocator, and tell it what an operator wants. A subnet in a path is percent-encoded: 10.244.1.0%2F24.</summary>
internal static class LedgerRoutes
{
    public static void Map(WebApplication application, NodeQueries queries, LedgerQueries ledger)
    {
        application.MapGet("/ledger", async context =>
        {
            var model = await ledger.Ledger() ?? await queries.Ledger() with { Note = "the allocator does not answer: this is what this host heard last" };
            await context.Response.WriteAsJsonAsync(model, ApiJson.Default.LedgerModel);
        });
        application.MapGet("/ledger/{subnet}", context => WithSubnet(context, async subnet =>
        {
            var (lease, answer) = await ledger.Show(subnet);
            if (lease is not null)
                await context.Response.WriteAsJsonAsync(lease, ApiJson.Default.LeaseModel);
            else
                await Answer(context, answer);
        }));
        application.MapDelete("/ledger/{subnet}", context => WithSubnet(context, async subnet =>
            await Answer(context, await ledger.Release(subnet, context.Request.Query["force"] == "true"))));
        application.MapPut("/reservations/{subnet}", context => WithSubnet(context, async subnet =>
        {
            string host = context.Request.Query["host"].ToString();
            if (HostNames.IsOne(host))
                await Answer(context, await ledger.Reserve(subnet, host));
            else
                await Say(context, $"'{host}' is not a host name: {HostNames.Rule}", StatusCodes.Status400BadRequest);
        }));
        application.MapDelete("/reservations/{subnet}", context => WithSubnet(context, async subnet => await Answer(context, await ledger.Unreserve(subnet))));
    }

    private static Task WithSubnet(HttpContext context, Func<IpPrefix, Task> then)
    {
        string text = Uri.UnescapeDataString((string)context.Request.RouteValues["subnet"]!);
        return IpPrefix.TryParse(text, null, out var subnet) && subnet.IsNetwork
            ? then(subnet)
            : Say(context, $"'{text}' is not a subnet such as 10.244.1.0/24", StatusCodes.Status400BadRequest);
    }

    private static Task Answer(HttpContext context, LedgerAnswer answer) => Say(
        context,
        answer.Text,
        !answer.Reached ? StatusCodes.Status503ServiceUnavailable : answer.Done ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);

    private static Task Say(HttpContext context, string text, int status)
    {
        context.Came(text);
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new MessageModel(text), ApiJson.Default.MessageModel);
    }
}
