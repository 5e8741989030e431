using AkkaOverlay.Node.Page;
using AkkaOverlay.Node.Tests.Page;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>The live page in a real Chromium.</summary>
public sealed class PageSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ChromiumFact]
    public async Task Three_real_hosts_are_shown_and_what_happens_to_them_is_seen_without_a_reload()
    {
        using var lab = await StartAsync(output, 3, core: 3);
        await lab.Run(async () =>
        {
            using var relay = new SocketRelay(Path.Combine(lab[1].RunDirectory, "api.sock"));
            await using var browser = await Chromium.StartAsync();
            await browser.SizeAsync(1280, 900);
            await browser.NavigateAsync($"http://{relay.Address}/");
            await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr.ok').length === 3");
            await browser.EvaluateAsync("window.stillTheSame = true");
            string table = await browser.TextAsync("table.hosts");
            string map = await browser.TextAsync("#map");
            foreach (var host in lab.Hosts)
            {
                Assert.Contains(host.Name, table, StringComparison.Ordinal);
                Assert.Contains(await Subnet(host), table, StringComparison.Ordinal);
                Assert.Contains(host.Name, map, StringComparison.Ordinal);
                Assert.Contains(await Subnet(host), map, StringComparison.Ordinal);
            }
            Assert.Equal("All 3 hosts are well", await browser.TextAsync(".verdict .headline"));
            await browser.UntilAsync("document.querySelectorAll('#map .way.answers').length === 6");
            await browser.UntilAsync("document.querySelector('#tiles').textContent.includes('answers, revision')");
            await browser.UntilAsync("document.querySelector('.verdict').textContent.includes('Every host reaches every other one: 6 ways answer.')");
            await Traffic(lab);
            await browser.UntilAsync("[...document.querySelectorAll('.rates .received')].every(cell => /bit/.test(cell.textContent))");
            await browser.ScreenshotAsync(Repository.File("artifacts/page/lab.png"));
            // Somebody takes a route away: the host puts it back and says so.
            await Command.Run(lab[2].Host, "ip", "route", "del", await Subnet(lab[1]));
            await browser.UntilAsync("document.querySelector('#events').textContent.includes('put right what somebody else changed')");
            lab[3].Kill();
            var took = await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr.ok').length === 2");
            Assert.Contains("h3", await browser.TextAsync(".verdict"), StringComparison.Ordinal);
            lab.Measured($"a killed host is seen as lost on the page after {took.TotalSeconds:0.0} s");
            lab[3].Start();
            await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr.ok').length === 3", TimeSpan.FromSeconds(90));
            await browser.UntilAsync("document.querySelector('#events').textContent.includes('is up')");
            Assert.True((await browser.EvaluateAsync("window.stillTheSame === true")).GetBoolean());
            AssertNothingFromElsewhere(browser, relay.Address);
            Assert.Empty(browser.Complaints);
        });
    }

    [ChromiumFact]
    public async Task What_a_hostile_host_wrote_stays_text()
    {
        const string image = "<img src=x onerror=\"window.caught=1\">", script = "</text><script>window.caught=1</script>";
        var overlay = new FakeOverlay(4) { Names = { [1] = image, [2] = script } };
        overlay.Events.Add(new PageEvent("a", 3, "lease", "warning", image, script));
        await using var shown = await ShownPage.OpenAsync(overlay);
        var browser = shown.Browser;
        await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr').length === 4");
        Assert.Contains(image, await browser.TextAsync("table.hosts"), StringComparison.Ordinal);
        Assert.Contains(script, await browser.TextAsync("#events"), StringComparison.Ordinal);
        await browser.EvaluateAsync("document.querySelectorAll('#map .node')[1].dispatchEvent(new MouseEvent('click'))");
        await browser.UntilAsync("document.querySelector('dialog').open");
        Assert.Equal(0, (await browser.EvaluateAsync("document.querySelectorAll('img, main script, dialog script').length")).GetInt32());
        Assert.False((await browser.EvaluateAsync("'caught' in window")).GetBoolean());
        Assert.Empty(browser.Complaints);
    }

    [ChromiumFact]
    public async Task Three_hundred_hosts_are_drawn_fast_and_can_be_searched()
    {
        await using var shown = await ShownPage.OpenAsync(new FakeOverlay(300));
        var browser = shown.Browser;
        var first = await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr').length === 50 && document.querySelector('.matrix canvas')");
        await browser.EvaluateAsync("window.longest = 0; new PerformanceObserver(list => list.getEntries().forEach(task => longest = Math.max(longest, task.duration))).observe({ type: 'longtask', buffered: true })");
        await browser.UntilAsync("[...document.querySelectorAll('.rates .received')].some(cell => /bit/.test(cell.textContent))");
        await Task.Delay(TimeSpan.FromSeconds(5));
        double longest = (await browser.EvaluateAsync("longest")).GetDouble();
        output.WriteLine($"measured: the page of 300 hosts is drawn {first.TotalMilliseconds:0} ms after it was asked for; its longest task took {longest:0} ms");
        // Budgets for a machine that has other things to do.
        Assert.InRange(first.TotalSeconds, 0, 10);
        Assert.InRange(longest, 0, 2000);
        await browser.EvaluateAsync("(() => { const box = document.querySelector('#search'); box.value = 'unreachable'; box.dispatchEvent(new Event('input')); })()");
        await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr').length === 4");
        Assert.Equal("4 of 300 hosts", await browser.TextAsync("#found"));
        await browser.EvaluateAsync("(() => { const box = document.querySelector('#search'); box.value = ''; box.dispatchEvent(new Event('input')); document.querySelector('button.more').click(); })()");
        await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr').length === 300");
        await browser.EvaluateAsync("document.querySelector('.grid').focus()");
        await browser.PressAsync("ArrowDown");
        await browser.UntilAsync("/ready|→/.test(document.querySelector('.matrix .words').textContent)");
        Assert.Empty(browser.Complaints);
    }

    /// <summary>It has lost all others before it was lost itself: that is one trouble, and not one for each of its ways.</summary>
    [ChromiumFact]
    public async Task What_a_host_that_is_gone_said_last_of_its_ways_is_not_held_against_them()
    {
        await using var shown = await ShownPage.OpenAsync(new FakeOverlay(10) { LastWord = 's' });
        var browser = shown.Browser;
        await browser.UntilAsync("document.querySelectorAll('table.hosts tbody tr').length === 10");
        string verdict = await browser.TextAsync(".verdict");
        Assert.Contains("no heartbeat", verdict, StringComparison.Ordinal);
        Assert.DoesNotContain("no probe comes back", verdict, StringComparison.Ordinal);
        Assert.Equal("1 of 10 hosts needs a look", await browser.TextAsync(".verdict .headline"));
    }

    [ChromiumFact]
    public async Task A_node_that_has_gone_is_said_loudly_and_one_that_comes_back_is_followed_again()
    {
        var overlay = new FakeOverlay(3, trouble: false);
        bool broken = false;
        await using var shown = await ShownPage.OpenAsync(() => broken ? throw new InvalidOperationException("broken") : overlay.JsonAsync());
        var browser = shown.Browser;
        await browser.UntilAsync("document.querySelector('#live-text').textContent === 'live'");
        Assert.True((await browser.EvaluateAsync("document.querySelector('#lost').hidden")).GetBoolean());
        broken = true;
        await browser.UntilAsync("!document.querySelector('#lost').hidden && document.body.classList.contains('stale')");
        Assert.StartsWith("No word from the node for ", await browser.TextAsync("#lost"), StringComparison.Ordinal);
        broken = false;
        await browser.UntilAsync("document.querySelector('#lost').hidden && document.querySelector('#live-text').textContent === 'live'");
    }

    [ChromiumFact]
    public async Task It_can_be_used_with_the_keyboard_alone()
    {
        await using var shown = await ShownPage.OpenAsync(new FakeOverlay(3, trouble: false));
        var browser = shown.Browser;
        await browser.UntilAsync("document.querySelectorAll('#map .node').length === 3");
        for (int i = 0; i < 20 && !(await browser.EvaluateAsync("document.activeElement.matches('#map .node')")).GetBoolean(); i++)
            await browser.PressAsync("Tab");
        string id = (await browser.EvaluateAsync("document.activeElement.getAttribute('data-host')")).GetString()!;
        // The map is drawn anew under the focus.
        await Task.Delay(TimeSpan.FromSeconds(3));
        await browser.PressAsync("Enter");
        await browser.UntilAsync("document.querySelector('dialog').open");
        Assert.Contains(id, await browser.TextAsync("dialog"), StringComparison.Ordinal);
        // It stays open, and the focus in it, while the page goes on.
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.True((await browser.EvaluateAsync("document.querySelector('dialog').open && document.querySelector('dialog').contains(document.activeElement)")).GetBoolean());
        await browser.PressAsync("Escape");
        await browser.UntilAsync("!document.querySelector('dialog').open");
        Assert.Empty(browser.Complaints);
    }

    [ChromiumFact]
    public async Task It_fits_on_a_phone_with_few_hosts_and_with_many()
    {
        foreach (int hosts in new[] { 1, 3, 12, 40, 300 })
        {
            await using var shown = await ShownPage.OpenAsync(new FakeOverlay(hosts));
            var browser = shown.Browser;
            await browser.SizeAsync(380, 800, mobile: true);
            await browser.UntilAsync($"document.querySelectorAll('table.hosts tbody tr').length === {Math.Min(hosts, 50)}");
            await Task.Delay(500);
            int width = (await browser.EvaluateAsync("document.documentElement.scrollWidth")).GetInt32();
            await browser.ScreenshotAsync(Repository.File($"artifacts/page/phone-{hosts}.png"), whole: true);
            Assert.True(width <= 380, $"{hosts} hosts: {width} pixels wide");
            foreach (bool dark in new[] { false, true })
            {
                await browser.SizeAsync(1280, 900);
                await browser.ThemeAsync(dark);
                await Task.Delay(2500);
                await browser.ScreenshotAsync(Repository.File($"artifacts/page/{(dark ? "dark" : "light")}-{hosts}.png"));
            }
            Assert.Empty(browser.Complaints);
        }
    }

    private static void AssertNothingFromElsewhere(Chromium browser, string address) =>
        Assert.All(browser.Requests, request => Assert.StartsWith($"http://{address}/", request, StringComparison.Ordinal));

    private static async Task Traffic(OverlayLab lab)
    {
        foreach (var (from, to) in new[] { (1, 2), (2, 3), (3, 1) })
            await Command.Run(lab[from].Container, "ping", "-c", "40", "-i", "0.05", "-s", "1200", lab[to].ContainerAddress!.ToString());
    }
}
