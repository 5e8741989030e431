using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Metrics;
using AkkaOverlay.Node.Page;
using AkkaOverlay.Node.Run;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Api;

/// <summary>The management API: on a unix socket that only root and its group may open, and on a TCP port where one is wanted.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly string socketPath;
    private readonly TcpEntrance? tcp;
    private readonly ILoggerFactory loggers;
    private WebApplication? application;

    private ApiServer(string socketPath, TcpEntrance? tcp, ILoggerFactory loggers)
    {
        this.socketPath = socketPath;
        this.tcp = tcp;
        this.loggers = loggers;
    }

    /// <summary>Sees that nobody listens there, and takes a socket away that a dead process left behind.</summary>
    /// <param name="tcp">Null for the unix socket alone.</param>
    /// <param name="token">Allows changes over TCP; null where nobody may change anything there.</param>
    /// <exception cref="StartException">Another node uses this run directory, something else stands in the place, or the TCP port cannot be had.</exception>
    public static ApiServer Bind(string socketPath, IPEndPoint? tcp, ApiToken? token, ILoggerFactory loggers)
    {
        switch (ApiSocket.Look(socketPath))
        {
            case SocketState.Answered:
                throw new StartException(ApiSocket.Taken(socketPath));
            case SocketState.Stale:
                File.Delete(socketPath);
                break;
        }
        return new ApiServer(socketPath, tcp is null ? null : TcpEntrance.Bind(tcp, token), loggers);
    }

    /// <summary>Where TCP is listened at; null where it is not.</summary>
    public IPEndPoint? TcpAddress => tcp?.Address;

    /// <summary>What there is to be asked, once it is started.</summary>
    internal IReadOnlyList<Endpoint> EndPoints => [.. ((IEndpointRouteBuilder)application!).DataSources.SelectMany(source => source.Endpoints)];

    internal async Task StartAsync(NodeQueries queries, ClusterQueries cluster, LedgerQueries ledger, ExplainQueries explain, MetricsPage metrics, PageQueries page)
    {
        // Nothing of what else a web application brings: it would read settings from the working directory, and watch every file below it for changes.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(loggers));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = Bound);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            ApiLimits.Set(kestrel.Limits);
            kestrel.ListenUnixSocket(socketPath, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(PeerCredentials.Around);
            });
            tcp?.AddTo(kestrel);
        });
        application = builder.Build();
        application.Use(Audit.Middleware(loggers));
        application.Use(Failures.Middleware(loggers));
        application.Use(TcpAccess.Middleware(tcp?.Token));
        application.Use(LimitedBody.Middleware);
        Routes.Map(application, queries, explain, metrics);
        ClusterRoutes.Map(application, cluster);
        LedgerRoutes.Map(application, queries, ledger);
        NetworkRoutes.Map(application, new NetworkQueries(ledger, queries));
        PageRoutes.Map(application, page.JsonAsync);
        await application.StartAsync();
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
        tcp?.Dispose();
        File.Delete(socketPath);
    }

    /// <summary>Before anybody can connect: a socket that is bound does not listen yet.</summary>
    private Socket Bound(EndPoint endPoint)
    {
        if (endPoint is not UnixDomainSocketEndPoint)
            return tcp!.Socket;
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        File.SetUnixFileMode(socketPath, SocketMode);
        return socket;
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
