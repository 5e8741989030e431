using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace AkkaOverlay.Tests;

/// <summary>What a cloud does instead of what it was asked for.</summary>
internal enum Mishap
{
    Throttled,
    ServerError,

    /// <summary>It does it, and the connection is cut before the answer.</summary>
    LostAnswer,

    NoRights,
    Full,
}

/// <summary>A cloud on a port of its own: HTTP, and mishaps that a test orders.</summary>
internal abstract class CloudServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (Mishap Kind, int Left)> mishaps = new();
    private readonly WebApplication application;

    /// <param name="address">Where it listens.</param>
    /// <param name="inside">Null: in the test's own namespace.</param>
    protected CloudServer(IPAddress address, NetworkNamespace? inside)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets().ConfigureKestrel(kestrel => kestrel.Listen(address, 0));
        if (inside is not null)
            builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = endPoint => inside.Run(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint)));
        application = builder.Build();
        application.Run(HandleAsync);
    }

    /// <summary>Every action that was asked for, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public Uri Url { get; private set; } = null!;

    /// <summary>The next ones end like this.</summary>
    public void Order(string action, Mishap kind, int times = 1) => mishaps[action] = (kind, times);

    public async Task StartAsync()
    {
        await application.StartAsync();
        Url = new Uri(application.Urls.Single());
    }

    public async ValueTask DisposeAsync() => await application.DisposeAsync();

    /// <returns>The action by its name in the provider's documentation; null for a path that fails never.</returns>
    protected abstract Task<string?> ActionAsync(HttpContext context);

    protected abstract Task AnswerAsync(HttpContext context, string? action);

    protected abstract Task AnswerAsync(HttpContext context, Mishap mishap);

    private async Task HandleAsync(HttpContext context)
    {
        string? action = await ActionAsync(context);
        var mishap = action is null ? null : Next(action);
        if (action is not null)
            Asked.Enqueue(action);
        if (mishap is { } kind and not Mishap.LostAnswer)
        {
            await AnswerAsync(context, kind);
            return;
        }
        if (mishap is Mishap.LostAnswer)
        {
            var body = context.Response.Body;
            context.Response.Body = Stream.Null;
            await AnswerAsync(context, action);
            context.Response.Body = body;
            context.Abort();
            return;
        }
        await AnswerAsync(context, action);
    }

    private Mishap? Next(string action)
    {
        lock (mishaps)
        {
            if (!mishaps.TryGetValue(action, out var ordered) || ordered.Left == 0)
                return null;
            mishaps[action] = ordered with { Left = ordered.Left - 1 };
            return ordered.Kind;
        }
    }
}
