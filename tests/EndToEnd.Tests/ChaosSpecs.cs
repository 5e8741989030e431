using System.Globalization;
using AkkaOverlay.Chaos.Run;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Everything goes wrong, at random, and no promise is broken. The long way: <c>dotnet run --project tests/Chaos -c Release -- --minutes 10</c>.</summary>
[Collection(Alone.Name)]
public sealed class ChaosSpecs(ITestOutputHelper output)
{
    private const double DefaultMinutes = 2;

    [Fact]
    public async Task Leases_and_packets_survive_whatever_happens_to_processes_disks_and_control_traffic()
    {
        double minutes = Environment.GetEnvironmentVariable("AKKA_OVERLAY_CHAOS_MINUTES") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : DefaultMinutes;
        int seed = Random.Shared.Next(1, 1_000_000);
        using var run = new ChaosRun(new ChaosOptions(TimeSpan.FromMinutes(minutes), seed, Hosts: 5, Core: 3, Claimants: 3, Command.Executable), output.WriteLine);
        var result = await run.RunAsync();
        foreach (string line in result.Measured())
            output.WriteLine($"measured: {line}");
        Assert.True(result.Violations.Count == 0, $"seed {seed}, kept in {result.Kept}:\n{string.Join('\n', result.Violations.Take(20))}");
    }
}
