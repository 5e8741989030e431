using System.Text.Json;
using Akka.Actor;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Api;

/// <summary>Gives everything that goes wrong with a request its status and a reason in JSON, also what the web server refuses without a word.</summary>
internal static class Failures
{
    public static Func<HttpContext, RequestDelegate, Task> Middleware(ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger("api");
        return async (context, next) =>
        {
            context.Response.OnStarting(Guard, context.Response);
            try
            {
                await next(context);
            }
            catch (Exception e) when (IsGone(context, e))
            {
                log.LogDebug("{Method} {Path}: who asked is gone", context.Request.Method, Audit.Plain(context.Request.Path));
                return;
            }
            catch (Exception e) when (!context.Response.HasStarted)
            {
                var reason = Explain(e);
                if (reason.Status == StatusCodes.Status500InternalServerError)
                    log.LogError("{Method} {Path}: {Failure}", context.Request.Method, Audit.Plain(context.Request.Path), Audit.Plain(e.ToString()));
                context.Response.Clear();
                await context.Say(reason.Text, reason.Status);
            }
            if (context.Response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentLength: null })
                await context.Say(Silent(context), context.Response.StatusCode);
        };
    }

    /// <summary>A browser shows an answer as what it is, and to no page of another origin.</summary>
    private static Task Guard(object response)
    {
        var headers = ((HttpResponse)response).Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return Task.CompletedTask;
    }

    /// <summary>Nobody waits for the answer any more: no failure of this node, whatever broke under it.</summary>
    private static bool IsGone(HttpContext context, Exception failure) => context.RequestAborted.IsCancellationRequested || failure is ConnectionResetException or ConnectionAbortedException;

    private static (int Status, string Text) Explain(Exception failure) => failure switch
    {
        BadRequestException bad => (bad.Status, bad.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Explain(LimitedBody.TooLarge()),
        BadHttpRequestException bad => (bad.StatusCode, $"the request cannot be read: {bad.Message}"),
        JsonException bad => (StatusCodes.Status400BadRequest, $"the body is not the JSON that is wanted here (at {bad.Path ?? "$"}, line {(bad.LineNumber ?? 0) + 1})"),
        OperationCanceledException => (StatusCodes.Status503ServiceUnavailable, "this node broke off before it had an answer"),
        AskTimeoutException => (StatusCodes.Status503ServiceUnavailable, "this node is busy and did not answer in time"),
        _ => (StatusCodes.Status500InternalServerError, $"internal error: {failure.Message}"),
    };

    private static string Silent(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"no such path: {context.Request.Method} {context.Request.Path}",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} takes {context.Response.Headers.Allow}, not {context.Request.Method}",
        var status => $"refused with status {status}",
    };
}
