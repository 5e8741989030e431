using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Debian's Prometheus on a port of loopback, with a directory of its own that goes when it ends.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-prometheus-");
    private readonly HttpClient http;
    private readonly Process process;

    /// <param name="targets">Address and port of each.</param>
    public PrometheusServer(IEnumerable<string> targets, string rules)
    {
        int port = FreePort();
        string configuration = Path.Combine(directory.FullName, "prometheus.yml");
        File.WriteAllText(configuration, $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: ["{{rules}}"]
            scrape_configs:
              - job_name: akka-overlay
                static_configs: [{targets: [{{string.Join(", ", targets.Select(target => $"\"{target}\""))}}]}]
            """);
        process = Command.Start(null, "prometheus",
            $"--config.file={configuration}", $"--storage.tsdb.path={directory.FullName}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn");
        // Nobody reads what it says; a full pipe would stop it.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(5) };
    }

    /// <summary>Values of an instant query, by instance.</summary>
    public async Task<Dictionary<string, double>> QueryAsync(string expression)
    {
        using var answer = JsonDocument.Parse(await http.GetStringAsync($"api/v1/query?query={Uri.EscapeDataString(expression)}"));
        return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            row => row.GetProperty("metric").TryGetProperty("instance", out var instance) ? instance.GetString()! : "",
            row => double.Parse(row.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await http.GetStringAsync(path)).RootElement.GetProperty("data");

    /// <summary>Waits until a query has this answer for every target.</summary>
    public async Task AwaitAsync(string expression, int rows, double value)
    {
        string last = "it does not answer";
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Patience; await Task.Delay(250))
        {
            try
            {
                var answer = await QueryAsync(expression);
                if (answer.Count == rows && answer.Values.All(found => found == value))
                    return;
                last = string.Join(", ", answer);
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }
            Assert.False(process.HasExited, "prometheus has ended");
        }
        Assert.Fail($"{expression}: not {rows} times {value} within {Patience.TotalSeconds} s ({last})");
    }

    public void Dispose()
    {
        http.Dispose();
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit(5000);
        process.Dispose();
        directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
