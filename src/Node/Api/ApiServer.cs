using AkkaOverlay.Node.Metrics;
using AkkaOverlay.Node.Page;
using AkkaOverlay.Node.Run;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Api;

/// <summary>The management API on a unix socket that only root and its group may open.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly string socketPath;
    private readonly ILoggerFactory loggers;
    private WebApplication? application;

    private ApiServer(string socketPath, ILoggerFactory loggers)
    {
        this.socketPath = socketPath;
        this.loggers = loggers;
    }

    /// <summary>Sees that nobody listens there, and takes a socket away that a dead process left behind.</summary>
    /// <exception cref="StartException">Another node uses this run directory, or something else stands in the place.</exception>
    public static ApiServer Bind(string socketPath, ILoggerFactory loggers)
    {
        switch (ApiSocket.Look(socketPath))
        {
            case SocketState.Answered:
                throw new StartException(ApiSocket.Taken(socketPath));
            case SocketState.Stale:
                File.Delete(socketPath);
                break;
        }
        return new ApiServer(socketPath, loggers);
    }

    internal async Task StartAsync(NodeQueries queries, LedgerQueries ledger, ExplainQueries explain, MetricsPage metrics, PageQueries page)
    {
        // Nothing of what else a web application brings: it would read settings from the working directory, and watch every file below it for changes.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(loggers));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(socketPath);
        });
        application = builder.Build();
        application.Use(Audit.Middleware(loggers));
        application.UseExceptionHandler(errors => errors.Run(Explain));
        Routes.Map(application, queries, ledger, explain, metrics);
        PageRoutes.Map(application, page.JsonAsync);
        await application.StartAsync();
        File.SetUnixFileMode(socketPath, SocketMode);
    }

    public async Task StopAsync()
    {
        if (application is null)
            return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await application.StopAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (application is not null)
            await application.DisposeAsync();
        File.Delete(socketPath);
    }

    private static Task Explain(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        context.Response.StatusCode = failure is Akka.Actor.AskTimeoutException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
        string text = failure is Akka.Actor.AskTimeoutException ? "this node is busy and did not answer in time" : $"internal error: {failure?.Message}";
        return context.Response.WriteAsJsonAsync(new MessageModel(text), ApiJson.Default.MessageModel);
    }

    /// <summary>The web server's own warnings go to the node's log; what it does otherwise is of no interest there.</summary>
    private sealed class QuietLoggers(ILoggerFactory inner) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        public ILogger CreateLogger(string categoryName) => new Quiet(inner.CreateLogger(categoryName));

        public void Dispose()
        {
            // The node's own factory outlives the API.
        }

        private sealed class Quiet(ILogger inner) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                    inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
