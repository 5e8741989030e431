using AkkaOverlay.Chaos.History;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Watch;

/// <summary>A ping every 10 ms between every two containers of these hosts.</summary>
internal sealed class Pings : IDisposable
{
    private readonly List<(string From, string To, PingStream Stream)> streams = [];

    public Pings(IReadOnlyList<LabHost> hosts)
    {
        for (int i = 0; i < hosts.Count; i++)
        {
            foreach (var other in hosts.Skip(i + 1))
                streams.Add((hosts[i].Name, other.Name, hosts[i].Pinger.PingStream(other.ContainerAddress!)));
        }
    }

    public async Task StopAsync(Recorder recorder)
    {
        foreach (var (from, to, stream, result) in await Task.WhenAll(streams.Select(async pair => (pair.From, pair.To, pair.Stream, await pair.Stream.StopAsync()))))
            recorder.Add(new PingsDone(from, to, result.Sent, [.. result.LostAt.Select(recorder.At)]));
    }

    public void Dispose()
    {
        foreach (var (_, _, stream) in streams)
            stream.Dispose();
    }
}
