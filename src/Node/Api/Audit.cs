using AkkaOverlay.Actors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Api;

/// <summary>
/// One line in the log, of category Audit, for everything that is asked of the management API and is no question: who, from where, what, and what came of it,
/// the refused ones too (over TCP no more of them than <see cref="ApiLimits.RefusalsTold"/>, for they cost a stranger nothing). A request's body is never in it as it came, for one may hold a secret: who reads it says what to write (<see cref="Wants"/>).
/// </summary>
internal static class Audit
{
    public const string Category = "Audit";

    private static readonly object WishKey = new(), ResultKey = new(), TokenKey = new();

    /// <summary>In words what a request's body wants.</summary>
    public static void Wants(this HttpContext context, string wish) => context.Items[WishKey] = wish;

    /// <summary>In words what came of it.</summary>
    public static void Came(this HttpContext context, string result) => context.Items[ResultKey] = result;

    /// <summary>It came over TCP, with the token.</summary>
    public static void ShowedToken(this HttpContext context) => context.Items[TokenKey] = true;

    public static Func<HttpContext, RequestDelegate, Task> Middleware(ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger(Category);
        var refusals = new RefusalsOverTcp(TimeProvider.System);
        return async (context, next) =>
        {
            if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            {
                await next(context);
                return;
            }
            // Before it is done: the process that asks may be gone after it.
            var who = PeerCredentials.Of(context);
            string program = who?.Program ?? "?";
            string answer = "failed";
            try
            {
                await next(context);
                answer = $"{context.Response.StatusCode}";
            }
            finally
            {
                Write(log, refusals, context, who, program, answer);
            }
        };
    }

    private static void Write(ILogger log, RefusalsOverTcp refusals, HttpContext context, PeerCredentials? who, string program, string answer)
    {
        string what = $"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()?.RawTarget.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)}";
        if (context.Items.TryGetValue(WishKey, out object? wish))
            what = $"{what} ({wish})";
        bool isRefused = context.Response.StatusCode >= StatusCodes.Status400BadRequest || answer == "failed";
        if (who is null && isRefused && !refusals.IsTold(log))
            return;
        var level = isRefused ? LogLevel.Warning : LogLevel.Information;
        string result = Plain(context.Items.TryGetValue(ResultKey, out object? came) ? $"{came}" : "");
        if (who is not null)
        {
            log.Log(
                level, "uid {Uid} gid {Gid} pid {Pid} ({Program}) from {From}: {Change}: {Status} {Result}",
                who.Uid, who.Gid, who.Pid, Plain(program), "this host's socket", Plain(what), answer, result);
        }
        else
        {
            log.Log(
                level, "{Who} from {From}: {Change}: {Status} {Result}",
                context.Items.ContainsKey(TokenKey) ? "who has the token" : "somebody without a token", $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}", Plain(what), answer, result);
        }
    }

    /// <summary>What a stranger wrote must not begin a line of its own, nor move a terminal's cursor.</summary>
    internal static string Plain(string text) => PlainText.Of(text);
}
