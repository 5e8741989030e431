using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Node.Tests.Lab;

[Collection(LabCollection.Name)]
public class PingSpecs
{
    [Fact]
    public async Task Every_container_reaches_every_other_through_the_kernel()
    {
        using var network = ByHand.TwoHosts();
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            var matrix = await PingMatrix.RunAsync(network.Hosts, family: family);
            Assert.True(matrix.IsComplete, $"{family}: {string.Join(", ", matrix.Pairs)}");
            Assert.Equal(2, matrix.Pairs.Count());
            Assert.All(matrix.Pairs, pair => Assert.InRange(pair.Cell.Best!.Value.TotalMilliseconds, 0.001, 1000));
            Assert.Null(matrix[0, 0]);
        }
    }

    [Fact]
    public async Task A_matrix_tells_who_is_lost()
    {
        using var network = ByHand.TwoHosts();
        var alone = network.AddHost();
        ByHand.Connect(alone);
        var matrix = await PingMatrix.RunAsync(network.Hosts, timeout: TimeSpan.FromMilliseconds(300));
        Assert.False(matrix.IsComplete);
        Assert.True(matrix[0, 1]!.IsComplete && matrix[1, 0]!.IsComplete);
        Assert.All(new[] { (0, 2), (2, 0), (1, 2), (2, 1) }, pair => Assert.True(matrix[pair.Item1, pair.Item2]!.IsLost));
    }

    [Fact]
    public async Task A_ping_without_reply_or_route_is_null_and_a_large_one_is_whole()
    {
        using var network = ByHand.TwoHosts();
        var (h1, h2) = (network.Hosts[0], network.Hosts[1]);
        Assert.Null(await h1.Pinger.PingAsync(IPAddress.Parse("10.244.2.99"), TimeSpan.FromMilliseconds(100)));
        using var pinger = new Pinger(h1.Host);
        Assert.Null(await pinger.PingAsync(IPAddress.Parse("203.0.113.1"), TimeSpan.FromSeconds(1)));
        Assert.NotNull(await h1.Pinger.PingAsync(h2.ContainerAddress!, TimeSpan.FromSeconds(1), payload: 60_000));
        Assert.NotNull(await h1.Pinger.PingAsync(h2.ContainerAddress6!, TimeSpan.FromSeconds(1), payload: 16));
    }

    [Fact]
    public async Task A_stream_counts_exactly_what_an_outage_swallows()
    {
        using var network = ByHand.TwoHosts();
        var (h1, h2) = (network.Hosts[0], network.Hosts[1]);
        using var stream = h1.Pinger.PingStream(h2.ContainerAddress!);
        await Until(() => stream.Snapshot().Received >= 30);
        Assert.Empty(stream.Snapshot().Lost);

        h2.SetUnderlayLink(up: false);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await Task.Delay(700);
        h2.SetUnderlayLink(up: true);
        var outage = System.Diagnostics.Stopwatch.GetElapsedTime(start);
        long before = stream.Snapshot().Received;
        await Until(() => stream.Snapshot().Received >= before + 30);

        var result = await stream.StopAsync();
        Assert.Equal(result.Sent, result.Received + result.Lost.Count);
        Assert.InRange(result.Lost.Count, 10, (int)(outage.TotalMilliseconds / 10) + 100);
        // One outage: the lost ones are one run, and what is not among them was answered.
        Assert.Equal(result.Lost.Count - 1, result.Lost[^1] - result.Lost[0]);
        Assert.InRange(result.LongestGap.TotalMilliseconds, 600, outage.TotalMilliseconds + 500);
        Assert.Equal(result, result with { Sent = result.Received + result.Lost.Count });
    }

    [Fact]
    public async Task A_stream_without_trouble_loses_nothing()
    {
        using var network = ByHand.TwoHosts();
        using var stream = network.Hosts[1].Pinger.PingStream(network.Hosts[0].ContainerAddress6!, TimeSpan.FromMilliseconds(1));
        await Until(() => stream.Snapshot().Received >= 300);
        var result = await stream.StopAsync();
        Assert.Equal((result.Sent, 0, TimeSpan.Zero), (result.Received, result.Lost.Count, result.LongestGap));
        Assert.True(result.Best <= result.Worst);
    }

    internal static async Task Until(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
            await Task.Delay(10);
        Assert.True(condition());
    }
}
