using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>A real Chromium without a screen, with one page and a profile that goes when it ends. Remembers everything that it fetched and complained about.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo profile = Directory.CreateTempSubdirectory("akka-overlay-chromium-");
    private readonly Process process;
    private readonly DevTools tools = new();

    private Chromium()
    {
        // What it leaves behind in /tmp goes with its profile.
        process = Command.Start(null, "env", $"TMPDIR={profile.FullName}", Program!,
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank");
        // Nobody reads what it says; a full pipe would stop it.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Null where there is none.</summary>
    public static string? Program { get; } = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Address of every request that the page made.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Errors and warnings of the console, exceptions, violations of the policy.</summary>
    public ConcurrentQueue<string> Complaints { get; } = [];

    public static async Task<Chromium> StartAsync()
    {
        var browser = new Chromium();
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until the document is there.</summary>
    public async Task NavigateAsync(string address)
    {
        await tools.SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await UntilAsync($"location.href.startsWith('{address}') && document.readyState === 'complete'");
    }

    /// <summary>In CSS pixels.</summary>
    public Task SizeAsync(int width, int height, bool mobile = false) => tools.SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = mobile ? 2 : 1,
        ["mobile"] = mobile,
    });

    public Task ThemeAsync(bool dark) => tools.SendAsync("Emulation.setEmulatedMedia", new JsonObject
    {
        ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
    });

    /// <summary>A key as the keyboard sends it, such as "Tab" or "Enter".</summary>
    public async Task PressAsync(string key)
    {
        foreach (string type in new[] { "keyDown", "keyUp" })
        {
            await tools.SendAsync("Input.dispatchKeyEvent", new JsonObject
            {
                ["type"] = type, ["key"] = key, ["code"] = key, ["text"] = type == "keyDown" && key == "Enter" ? "\r" : "",
                ["windowsVirtualKeyCode"] = key switch { "Tab" => 9, "Enter" => 13, "Escape" => 27, _ => 0 },
            });
        }
    }

    /// <returns>What a JavaScript expression comes to; promises are waited for.</returns>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await tools.SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        if (answer.TryGetProperty("exceptionDetails", out var failure))
            throw new InvalidOperationException($"{expression}: {failure}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    public async Task<string> TextAsync(string selector) => (await EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.textContent ?? ''")).GetString()!;

    /// <returns>How long it took until an expression was true.</returns>
    public async Task<TimeSpan> UntilAsync(string expression, TimeSpan? patience = null)
    {
        long began = Stopwatch.GetTimestamp();
        while ((await EvaluateAsync($"!!({expression})")).GetBoolean() is false)
        {
            if (Stopwatch.GetElapsedTime(began) > (patience ?? Patience))
                throw new TimeoutException($"{expression}: not within {(patience ?? Patience).TotalSeconds} s. The page: {await TextAsync("body")}; complaints: {string.Join("; ", Complaints)}");
            await Task.Delay(50);
        }
        return Stopwatch.GetElapsedTime(began);
    }

    /// <param name="whole">The whole page, not only what is in the window.</param>
    public async Task ScreenshotAsync(string file, bool whole = false)
    {
        var picture = await tools.SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["captureBeyondViewport"] = whole });
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, picture.GetProperty("data").GetBytesFromBase64());
    }

    public async ValueTask DisposeAsync()
    {
        await tools.DisposeAsync();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        // Its helpers may still write for a moment.
        for (int i = 0; i < 20 && profile.Exists; i++, profile.Refresh())
        {
            try
            {
                profile.Delete(recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    private async Task ConnectAsync()
    {
        string portFile = Path.Combine(profile.FullName, "DevToolsActivePort");
        using var http = new HttpClient();
        for (long began = Stopwatch.GetTimestamp(); ; await Task.Delay(100))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException($"{Program} does not start here");
            if (!File.Exists(portFile) || (await File.ReadAllLinesAsync(portFile)).FirstOrDefault() is not { Length: > 0 } port)
                continue;
            using var targets = JsonDocument.Parse(await http.GetStringAsync($"http://127.0.0.1:{port}/json/list"));
            var pages = targets.RootElement.EnumerateArray().Where(target => target.GetProperty("type").GetString() == "page").ToList();
            if (pages.Count == 0)
                continue;
            tools.OnEvent = OnEvent;
            await tools.ConnectAsync(pages[0].GetProperty("webSocketDebuggerUrl").GetString()!);
            break;
        }
        foreach (string domain in new[] { "Page", "Runtime", "Network", "Log" })
            await tools.SendAsync($"{domain}.enable");
    }

    private void OnEvent(string name, JsonElement parameters)
    {
        switch (name)
        {
            case "Network.requestWillBeSent":
                Requests.Enqueue(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.exceptionThrown":
                Complaints.Enqueue(parameters.GetProperty("exceptionDetails").ToString());
                break;
            case "Runtime.consoleAPICalled" when parameters.GetProperty("type").GetString() is "error" or "warning" or "assert":
                Complaints.Enqueue(parameters.GetProperty("args").ToString());
                break;
            case "Log.entryAdded" when parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                Complaints.Enqueue(parameters.GetProperty("entry").GetProperty("text").GetString()!);
                break;
        }
    }
}
