using AkkaOverlay.Actors.Leases;
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
            await context.Answer(model, ApiJson.Default.LedgerModel);
        });
        application.MapGet("/ledger/{subnet}", context => WithSubnet(context, async subnet =>
        {
            var (lease, answer) = await ledger.Show(subnet);
            if (lease is not null)
                await context.Answer(lease, ApiJson.Default.LeaseModel);
            else
                await Answer(context, answer);
        }));
        application.MapDelete("/ledger/{subnet}", context => WithSubnet(context, async subnet =>
            await Answer(context, await ledger.Release(subnet, IsForced(context.Request)))));
        application.MapPut("/reservations/{subnet}", context => WithSubnet(context, async subnet =>
        {
            string host = context.Request.Query["host"].ToString();
            if (HostName.IsValid(host))
                await Answer(context, await ledger.Reserve(subnet, host));
            else
                await context.Say($"'{host}' is not a host name: {HostName.Rule}", StatusCodes.Status400BadRequest);
        }));
        application.MapDelete("/reservations/{subnet}", context => WithSubnet(context, async subnet => await Answer(context, await ledger.Unreserve(subnet))));
    }

    private static Task WithSubnet(HttpContext context, Func<IpPrefix, Task> then)
    {
        string text = Uri.UnescapeDataString((string)context.Request.RouteValues["subnet"]!);
        return IpPrefix.TryParse(text, null, out var subnet) && subnet.IsNetwork
            ? then(subnet)
            : context.Say($"'{text}' is not a subnet such as 10.244.1.0/24", StatusCodes.Status400BadRequest);
    }

    /// <exception cref="BadRequestException">Neither true nor false: nothing is ended by mistake.</exception>
    private static bool IsForced(HttpRequest request) => request.Query["force"] switch
    {
        [] or ["false"] => false,
        ["true"] => true,
        var other => throw new BadRequestException(StatusCodes.Status400BadRequest, $"force '{other}': must be true or false"),
    };

    private static Task Answer(HttpContext context, LedgerAnswer answer) => context.Say(
        answer.Text,
        !answer.Reached ? StatusCodes.Status503ServiceUnavailable : answer.Done ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
}
