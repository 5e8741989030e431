using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Page;

/// <summary>The live page at <c>/</c>, its files and its data. Reads only: nothing here changes anything.</summary>
internal static class PageRoutes
{
    /// <summary>Nothing from elsewhere, nothing inline, in nobody's frame (Content Security Policy Level 3).</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Below this it is not worth the while.</summary>
    private const int WorthCompressing = 8192;

    /// <param name="view">A <see cref="PageView"/> as JSON.</param>
    public static void Map(WebApplication application, Func<Task<byte[]>> view)
    {
        application.MapGet("/", context => Send(context, PageFiles.All[PageFiles.Index]));
        application.MapGet("/page/view", async context =>
        {
            byte[] json = await view();
            Protect(context.Response, "application/json; charset=utf-8", "no-store");
            if (json.Length < WorthCompressing || !context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
            {
                await context.Response.Body.WriteAsync(json);
                return;
            }
            context.Response.Headers.ContentEncoding = "gzip";
            await using var compressed = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await compressed.WriteAsync(json);
        });
        foreach (var (name, file) in PageFiles.All)
            application.MapGet($"/page/{name}", context => Send(context, file));
    }

    private static async Task Send(HttpContext context, PageFile file)
    {
        // Kept, and asked after each time: another release has other files.
        Protect(context.Response, file.ContentType, "no-cache");
        context.Response.Headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch.Contains(file.Tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.ContentLength = file.Content.Length;
        await context.Response.Body.WriteAsync(file.Content);
    }

    private static void Protect(HttpResponse response, string contentType, string cache)
    {
        response.ContentType = contentType;
        response.Headers.CacheControl = cache;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
