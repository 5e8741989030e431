using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AkkaOverlay.Node.Api;

/// <summary>
/// What may be asked over TCP: questions by everyone who reaches the port, changes by who has the token. A web page in somebody's browser has none, wherever
/// its name leads (DNS rebinding); and no answer has a header that would let a page of another origin read it.
/// </summary>
internal static class TcpAccess
{
    /// <param name="token">Null where none is configured: then nothing can be changed over TCP.</param>
    public static Func<HttpContext, RequestDelegate, Task> Middleware(ApiToken? token) => (context, next) =>
    {
        // A tunnel to the socket, such as ssh makes, is as good as the socket; but what comes through it may be any page's in a browser, which always says so.
        if (!IsQuestion(context.Request.Method) && IsBrowser(context.Request.Headers))
            return context.Say("changes are not taken from a web browser", StatusCodes.Status403Forbidden);
        // Whatever is not certainly the unix socket, which the kernel guards, is TCP.
        if (PeerCredentials.Of(context) is not null)
            return next(context);
        switch (Judge(context.Request.Method, context.Request.Headers.Authorization, token))
        {
            case StatusCodes.Status200OK:
                if (!IsQuestion(context.Request.Method))
                    context.ShowedToken();
                return next(context);
            case StatusCodes.Status401Unauthorized:
                context.Response.Headers.WWWAuthenticate = StringValues.IsNullOrEmpty(context.Request.Headers.Authorization)
                    ? "Bearer realm=\"akka-overlay\""
                    : "Bearer realm=\"akka-overlay\", error=\"invalid_token\"";
                return context.Say("a change over TCP needs the token: Authorization: Bearer TOKEN", StatusCodes.Status401Unauthorized);
            default:
                context.Response.Headers.Allow = "GET, HEAD";
                return context.Say("over TCP this node is read-only: use its unix socket, or start it with --api-token-file", StatusCodes.Status405MethodNotAllowed);
        }
    };

    /// <returns>200, or the status with which it is refused.</returns>
    public static int Judge(string method, StringValues authorization, ApiToken? token) =>
        IsQuestion(method) ? StatusCodes.Status200OK
        : token is null ? StatusCodes.Status405MethodNotAllowed
        : authorization.Count == 1 && token.Allows(authorization[0]) ? StatusCodes.Status200OK
        : StatusCodes.Status401Unauthorized;

    /// <summary>Fetch (whatwg.org), 3.1 and 8: every request of a page that is no question has an Origin; Fetch Metadata (w3.org) names its site.</summary>
    private static bool IsBrowser(IHeaderDictionary headers) => headers.Origin.Count > 0 || headers.ContainsKey("Sec-Fetch-Site");

    private static bool IsQuestion(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
