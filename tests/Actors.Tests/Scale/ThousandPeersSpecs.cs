using AkkaOverlay.Benchmarks;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Scale;

/// <summary>Alone in the process: others would count in its memory and its time.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(AloneInTheProcess))]
public class ThousandPeersSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task A_thousand_peers_are_programmed_like_iproute2_does_and_repaired_in_time()
    {
        var result = await PeersBenchmark.Run(1000, 3, output.WriteLine);
        foreach (string line in Report.Lines(result))
            output.WriteLine(line);

        Assert.True(PeersResult.Median(result.Repaired) < TimeSpan.FromSeconds(2));
        // Every ledger planned and compared by itself took 18 s for 2,000 peers.
        Assert.True(result.Grown < TimeSpan.FromSeconds(3));
        Assert.True(result.Extra.Resident < 60 * 1024 * 1024);
    }
}
