using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>iperf3 from the first host's container to the second one's.</summary>
internal sealed class Iperf : IDisposable
{
    private readonly LabHost from, to;
    private readonly Process server;

    public Iperf(LabNetwork network)
    {
        (from, to) = (network.Hosts[0], network.Hosts[1]);
        server = to.Container.StartProcess(new ProcessStartInfo("iperf3", "-s") { RedirectStandardOutput = true, RedirectStandardError = true });
        _ = server.StandardOutput.ReadToEndAsync();
        _ = server.StandardError.ReadToEndAsync();
    }

    /// <param name="seconds">Whole ones: iperf3 takes a fraction for "without end".</param>
    /// <returns>Bits per second that arrived, and octets.</returns>
    public (double BitsPerSecond, double Octets) Tcp(int streams, double seconds)
    {
        var end = Run($"-P {streams}", seconds).GetProperty("end").GetProperty("sum_received");
        return (end.GetProperty("bits_per_second").GetDouble(), end.GetProperty("bytes").GetDouble());
    }

    public void Dispose()
    {
        server.Kill();
        server.WaitForExit();
        server.Dispose();
    }

    private JsonElement Run(string arguments, double seconds)
    {
        // Some machines default to another congestion control than others: one for all.
        var start = new ProcessStartInfo("iperf3", string.Create(CultureInfo.InvariantCulture, $"-c {to.ContainerAddress} -J -C cubic -t {Math.Max(1, Math.Ceiling(seconds)):0} {arguments}"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Its control connection, not what is measured, now and then ends too early: that is said, and measured again.
        int more = 3;
        for (int left = 20; ; left--)
        {
            using var client = from.Container.StartProcess(start);
            string json = client.StandardOutput.ReadToEnd();
            client.WaitForExit();
            var root = JsonDocument.Parse(json).RootElement;
            if (!root.TryGetProperty("error", out var error))
                return root;
            // The server has not seen the end of the measurement before.
            bool isBusy = error.GetString()?.Contains("busy", StringComparison.Ordinal) == true;
            if (left == 0 || (!isBusy && --more == 0))
                throw new InvalidOperationException($"iperf3 {start.Arguments}: {error.GetString()}");
            if (!isBusy)
                Console.Error.WriteLine($"iperf3 {start.Arguments}: {error.GetString()}. Again");
            Thread.Sleep(500);
        }
    }
}
