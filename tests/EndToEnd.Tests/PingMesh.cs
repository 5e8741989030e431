using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Pings from the container of each of some hosts to that of each other one, until it is stopped.</summary>
internal sealed class PingMesh(IReadOnlyList<LabHost> hosts) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly List<PingStream> streams =
        [.. hosts.SelectMany(from => hosts.Where(to => to != from), (from, to) => from.Pinger.PingStream(to.ContainerAddress!, Interval))];

    public Task<PingStreamResult[]> StopAsync() => Task.WhenAll(streams.Select(stream => stream.StopAsync()));

    public void Dispose() => streams.ForEach(stream => stream.Dispose());
}
