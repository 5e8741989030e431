using AkkaOverlay.Node.Tests.Page;

namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>The page as it shows an overlay that is not there.</summary>
internal sealed class ShownPage : IAsyncDisposable
{
    private readonly PageServer server;
    private readonly SocketRelay relay;

    private ShownPage(PageServer server, SocketRelay relay, Chromium browser)
    {
        this.server = server;
        this.relay = relay;
        Browser = browser;
    }

    public Chromium Browser { get; }

    public static Task<ShownPage> OpenAsync(FakeOverlay overlay) => OpenAsync(overlay.JsonAsync);

    public static async Task<ShownPage> OpenAsync(Func<Task<byte[]>> view)
    {
        var server = await PageServer.StartAsync(view);
        var shown = new ShownPage(server, new SocketRelay(server.Socket), await Chromium.StartAsync());
        await shown.Browser.SizeAsync(1280, 900);
        await shown.Browser.NavigateAsync($"http://{shown.relay.Address}/");
        return shown;
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        relay.Dispose();
        await server.DisposeAsync();
    }
}
