using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Node.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>
/// The paths of the Akka Management cluster API, with its verbs, form fields and JSON; and the ledger's seats. A member's address in a path stands with or
/// without scheme, percent-encoded or not.
/// </summary>
internal static class ClusterRoutes
{
    private const string NotSupported = "Operation not supported";

    public static void Map(WebApplication application, ClusterQueries cluster)
    {
        application.MapGet("/cluster/members", async context =>
        {
            if (await cluster.Members() is { } members)
                await context.Answer(members, ApiJson.Default.MembersModel);
            else
                await context.Say(ClusterQueries.NoCluster, StatusCodes.Status503ServiceUnavailable);
        });
        application.MapPost("/cluster/members", async context =>
        {
            string address = await context.Request.FormFieldAsync("address");
            context.Wants($"join {address}");
            await Answer(context, await cluster.Tell(new OperatorProtocol.Join(address)));
        });
        const string OneMember = "/cluster/members/{**address:minlength(1)}";
        application.MapGet(OneMember, async context =>
        {
            string address = AddressOf(context);
            if (await cluster.Member(address) is { } member)
                await context.Answer(member, ApiJson.Default.MemberModel);
            else
                await context.Say($"Member [{address}] not found", StatusCodes.Status404NotFound);
        });
        application.MapDelete(OneMember, async context => await Answer(context, await cluster.Tell(new OperatorProtocol.Leave(AddressOf(context)) { Drain = DrainIn(context.Request) })));
        application.MapPut(OneMember, async context =>
        {
            string operation = await context.Request.FormFieldAsync("operation");
            context.Wants($"operation {operation}");
            // Read first: what is misspelt changes nothing.
            var drain = DrainIn(context.Request);
            object wish = Is(operation, "Down") ? new OperatorProtocol.Down(AddressOf(context))
                : Is(operation, "Leave") ? new OperatorProtocol.Leave(AddressOf(context)) { Drain = drain }
                : throw new BadRequestException(StatusCodes.Status400BadRequest, NotSupported);
            await Answer(context, await cluster.Tell(wish));
        });
        application.MapPut("/cluster", async context =>
        {
            string operation = await context.Request.FormFieldAsync("operation");
            context.Wants($"operation {operation}");
            await context.Say(
                Is(operation, "Prepare-for-full-shutdown") ? $"{NotSupported}: Akka.NET has no such state; stopping every node leaves leases and routes as they are" : NotSupported,
                StatusCodes.Status400BadRequest);
        });
        var listeners = new ListenerCount(ApiLimits.TcpListeners);
        application.MapGet("/cluster/domain-events", context => ClusterEventStream.Write(context, cluster, listeners));
        MapSeats(application, cluster);
    }

    private static void MapSeats(WebApplication application, ClusterQueries cluster)
    {
        application.MapGet("/cluster/seats", async context => await Answer(context, await cluster.Seats(null)));
        application.MapPut("/cluster/seats", async context =>
        {
            if (!context.Request.HasJsonContentType())
                throw new BadRequestException(StatusCodes.Status415UnsupportedMediaType, """JSON (application/json) is needed, such as {"seats":["192.168.7.1:4053"]}""");
            var change = await context.Request.ReadFromJsonAsync(ApiJson.Default.ChangeSeatsModel, context.RequestAborted);
            string?[] seats = [.. change?.Seats ?? []];
            context.Wants($"seats {string.Join(", ", seats)}");
            if (seats.Length is not (1 or 3 or 5))
                throw new BadRequestException(StatusCodes.Status400BadRequest, "seats: give 1, 3 or 5 of them");
            foreach (string? seat in seats.Where(seat => !IsSeat(seat)))
                throw new BadRequestException(StatusCodes.Status400BadRequest, $"seat '{seat}': not an address and port, such as 192.168.7.1:4053");
            await Answer(context, await cluster.Seats([.. seats.OfType<string>()]));
        });
        application.MapPost("/cluster/seats/recover", async context => await Answer(context, await cluster.RecoverSeats()));
    }

    /// <summary>The web server leaves an encoded slash as it is.</summary>
    private static string AddressOf(HttpContext context) => Uri.UnescapeDataString((string)context.Request.RouteValues["address"]!);

    /// <returns>Null where nothing is said.</returns>
    /// <exception cref="BadRequestException">Not a duration: nobody loses the network by a slip.</exception>
    private static TimeSpan? DrainIn(HttpRequest request) => request.Query["drain"] switch
    {
        [] => null,
        [{ } text] when Duration.Parse(text) is { } drain && drain <= Duration.Longest => drain,
        var other => throw new BadRequestException(StatusCodes.Status400BadRequest, $"drain '{other}': {Duration.Rule}"),
    };

    private static bool Is(string operation, string name) => operation.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsSeat(string? text) =>
        text is not null && MemberAddress.Parse(text) is { Port: { } port } seat && new System.Net.IPEndPoint(seat.Host, port).ToString() == text;

    private static Task Answer(HttpContext context, OperatorProtocol.Answered answer) => context.Say(answer.Text, answer.Outcome switch
    {
        OperatorOutcome.Accepted => StatusCodes.Status200OK,
        OperatorOutcome.BadAddress => StatusCodes.Status400BadRequest,
        OperatorOutcome.NoSuchMember => StatusCodes.Status404NotFound,
        OperatorOutcome.Refused => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status503ServiceUnavailable,
    });

    private static Task Answer(HttpContext context, SeatsAnswer answer) => answer.Seats is { } seats
        ? context.Answer(seats, ApiJson.Default.SeatsModel)
        : context.Say(answer.Problem!, answer.Refused ? StatusCodes.Status409Conflict : StatusCodes.Status503ServiceUnavailable);
}
