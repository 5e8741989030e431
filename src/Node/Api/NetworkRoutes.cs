using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using AkkaOverlay.Actors.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>
/// <c>GET /network</c>, and <c>PUT /network</c> with a net-conf.json as its body and the version that it was compared with as <c>If-Match</c> (RFC 9110, 13.1.1);
/// with <c>?dry-run=true</c> nothing is changed.
/// </summary>
internal static class NetworkRoutes
{
    /// <summary>Octets. The configuration goes to every host with every snapshot.</summary>
    public const int MaxSize = 1 << 16;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Map(WebApplication application, NetworkQueries network)
    {
        application.MapGet("/network", async context =>
        {
            if (await network.Show() is not { } model)
            {
                await context.Say("this node does not know the network's configuration yet", StatusCodes.Status503ServiceUnavailable);
                return;
            }
            context.Response.Headers.ETag = $"\"{model.Version}\"";
            await context.Answer(model, ApiJson.Default.NetworkModel);
        });
        application.MapPut("/network", context => Set(context, network));
    }

    private static async Task Set(HttpContext context, NetworkQueries network)
    {
        if (VersionIn(context.Request.Headers.IfMatch.ToString()) is not { } version)
        {
            await context.Say("If-Match must be the version that was looked at, such as \"3\" (GET /network says it)", StatusCodes.Status428PreconditionRequired);
            return;
        }
        bool dryRun = context.Request.Query["dry-run"] == "true";
        string wish = $"network, compared with version {version}{(dryRun ? ", dry run" : "")}";
        context.Wants(wish);
        if (await ReadAsync(context.Request) is not { } octets)
        {
            await context.Say($"the body must not be larger than {MaxSize} octets", StatusCodes.Status413PayloadTooLarge);
            return;
        }
        NetworkConfig config;
        ImmutableArray<string> warnings;
        try
        {
            config = NetConf.Parse(StrictUtf8.GetString(octets), out warnings);
        }
        catch (Exception e) when (e is NetConfException or DecoderFallbackException)
        {
            await context.Say(e is NetConfException ? e.Message : "net-conf: must be UTF-8 text.", StatusCodes.Status400BadRequest);
            return;
        }
        if (NetConf.ToFlannelJson(config).Length > MaxSize)
        {
            await context.Say($"the configuration must not be larger than {MaxSize} octets", StatusCodes.Status413PayloadTooLarge);
            return;
        }
        var (change, answer) = await network.Set(version, config, dryRun, warnings);
        if (change is null)
        {
            await context.Say(answer.Text, answer.Reached ? StatusCodes.Status409Conflict : StatusCodes.Status503ServiceUnavailable);
            return;
        }
        context.Wants($"{wish}: {string.Join(", ", change.Changes.Select(field => $"{field.Field} {field.Before} -> {field.After}"))}");
        context.Came(change.Stored ? $"version {change.Version} is on trial" : "nothing is changed");
        await context.Answer(change, ApiJson.Default.NetworkChangeModel, change.Stored ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private static long? VersionIn(string entityTag)
    {
        string text = entityTag.Length >= 2 && entityTag[0] == '"' && entityTag[^1] == '"' ? entityTag[1..^1] : entityTag;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version : null;
    }

    /// <returns>Null where it is too large.</returns>
    private static async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        var octets = new byte[MaxSize + 1];
        int length = await request.Body.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        return length > MaxSize ? null : octets[..length];
    }
}
