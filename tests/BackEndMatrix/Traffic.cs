using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>Packets between the containers of some hosts, of every pair and family.</summary>
internal sealed class Traffic(IReadOnlyList<LabHost> hosts, IReadOnlyList<bool> eachIsIPv6)
{
    private IEnumerable<(LabHost From, LabHost To, bool IPv6)> Ways =>
        from sender in hosts
        from receiver in hosts
        where sender != receiver
        from ipv6 in eachIsIPv6
        select (sender, receiver, ipv6);

    /// <summary>Waits until all of them reach each other.</summary>
    public async Task<TimeSpan> PassesAsync(TimeSpan patience)
    {
        string[] missing = [];
        try
        {
            return await Eventually("all containers reach each other", async () =>
            {
                missing = [.. (await Task.WhenAll(Ways.Select(Missing))).OfType<string>()];
                return missing.Length == 0;
            }, patience, TimeSpan.FromMilliseconds(5));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"no answer within {patience.TotalSeconds} s: {string.Join(", ", missing)}");
        }
    }

    /// <summary>Begins to ping, in a steady rhythm, until it is stopped.</summary>
    public PingStreams Ping(TimeSpan interval) =>
        new([.. Ways.Select(way => (Describe(way), way.From.Pinger.PingStream(way.To.Container(way.IPv6), interval)))]);

    private static async Task<string?> Missing((LabHost From, LabHost To, bool IPv6) way) =>
        await way.From.Pinger.PingAsync(way.To.Container(way.IPv6), TimeSpan.FromMilliseconds(100) * Slowness) is null ? Describe(way) : null;

    private static string Describe((LabHost From, LabHost To, bool IPv6) way) => $"{way.From.Name} to {way.To.Name} by {(way.IPv6 ? "IPv6" : "IPv4")}";
}

/// <summary>Pings under way.</summary>
internal sealed class PingStreams(IReadOnlyList<(string Name, PingStream Stream)> streams) : IDisposable
{
    public async Task<PingLoss> StopAsync()
    {
        var results = await Task.WhenAll(streams.Select(stream => stream.Stream.StopAsync()));
        return new PingLoss(
            results.Sum(result => result.Sent),
            results.Sum(result => result.Lost.Count),
            results.Select(result => result.LongestGap).DefaultIfEmpty().Max(),
            [.. streams.Where((_, i) => results[i].Lost.Count > 0).Select(stream => stream.Name)]);
    }

    public void Dispose()
    {
        foreach (var (_, stream) in streams)
            stream.Dispose();
    }
}

/// <param name="LongestGap">Without an answer, of any way.</param>
/// <param name="Ways">That lost some.</param>
internal sealed record PingLoss(long Sent, long Lost, TimeSpan LongestGap, IReadOnlyList<string> Ways)
{
    public override string ToString() =>
        Lost == 0 ? $"{Sent} pings, 0 lost" : $"{Sent} pings, {Lost} lost ({string.Join(", ", Ways.Take(3))}{(Ways.Count > 3 ? " …" : "")}), longest gap {LongestGap.TotalMilliseconds:0} ms";
}
