using System.Net;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>The live page of a node that listens on TCP with a token, as another host sees it: no token is needed to look, and none is in what is seen.</summary>
public sealed class PageOverTcpSpecs : IClassFixture<SharedLab>
{
    private readonly SharedLab shared;

    public PageOverTcpSpecs(SharedLab shared, ITestOutputHelper output)
    {
        this.shared = shared;
        shared.Output = output;
    }

    private OverlayLab Lab => shared.Lab;

    private string Node => $"http://{Lab[1].UnderlayAddress}:{SharedLab.ApiPort}";

    [ChromiumFact]
    public Task A_browser_shows_it() => Lab.Run(async () =>
    {
        using var relay = new SocketRelay(Lab[2].Host, new IPEndPoint(Lab[1].UnderlayAddress, SharedLab.ApiPort));
        await using var browser = await Chromium.StartAsync();
        await browser.SizeAsync(1280, 900);
        await browser.NavigateAsync($"http://{relay.Address}/");
        await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr.ok').length === 3");
        await browser.UntilAsync("document.querySelector('.verdict .headline').textContent === 'All 3 hosts are well'");
        Assert.DoesNotContain(SharedLab.Token, await browser.TextAsync("html"), StringComparison.Ordinal);
        // A page of the node itself is a page: it changes nothing, with the token neither.
        var tried = await browser.EvaluateAsync(
            $"fetch('/cluster/members/192.168.77.3:4053', {{ method: 'DELETE', headers: {{ Authorization: 'Bearer {SharedLab.Token}' }} }}).then(answer => answer.status)");
        Assert.Equal(403, tried.GetInt32());
        Assert.True(Lab[3].IsRunning);
    });

    [Fact]
    public Task Curl_gets_it_and_its_data_and_changes_nothing_without_the_token() => Lab.Run(async () =>
    {
        string page = (await Curl("/")).Output;
        Assert.Contains("<!doctype html>", page, StringComparison.OrdinalIgnoreCase);
        var view = await Curl("/page/view");
        foreach (var host in Lab.Hosts)
            Assert.Contains($"\"{host.Name}\"", view.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(SharedLab.Token, page + view.Output, StringComparison.Ordinal);
        Assert.Equal("405", (await Curl("/page/view", "-X", "DELETE", "-H", $"Authorization: Bearer {SharedLab.Token}", "-o", "/dev/null", "-w", "%{http_code}")).Output);
        Assert.Equal("401", (await Curl("/page/view", "-X", "DELETE", "-o", "/dev/null", "-w", "%{http_code}")).Output);
        Assert.Contains("default-src 'none'", (await Curl("/", "-o", "/dev/null", "-D", "-")).Output, StringComparison.Ordinal);
        // The connection is not torn under a body that is refused: curl does not wait for a word before it sends it.
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, new byte[1 << 20]);
            var tooLarge = await Curl("/network", "-X", "PUT", "-H", "Expect:", "-H", $"Authorization: Bearer {SharedLab.Token}", "--data-binary", $"@{file}", "-o", "/dev/null", "-w", "%{http_code}");
            Assert.Equal((0, "413"), (tooLarge.ExitCode, tooLarge.Output));
        }
        finally
        {
            File.Delete(file);
        }
    });

    /// <summary>As h2 asks.</summary>
    private Task<CommandResult> Curl(string path, params string[] more) => Command.Run(Lab[2].Host, "curl", ["-s", "--max-time", "20", .. more, $"{Node}{path}"]);
}
