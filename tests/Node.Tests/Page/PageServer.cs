using System.Net.Sockets;
using AkkaOverlay.Node.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaOverlay.Node.Tests.Page;

/// <summary>The page's paths on a unix socket of their own, with whatever view a test wants.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-page-");
    private readonly WebApplication application;

    private PageServer(Func<Task<byte[]>> view)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        application = builder.Build();
        PageRoutes.Map(application, view);
    }

    public string Socket => Path.Combine(directory.FullName, "api.sock");

    public static async Task<PageServer> StartAsync(Func<Task<byte[]>> view)
    {
        var server = new PageServer(view);
        await server.application.StartAsync();
        return server;
    }

    public HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://page"),
    };

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        directory.Delete(recursive: true);
    }
}
