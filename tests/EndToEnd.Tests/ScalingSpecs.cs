using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>An autoscaling group beside the core: its hosts come and go, and nobody else notices.</summary>
[Collection(Alone.Name)]
public sealed class ScalingSpecs(ITestOutputHelper output)
{
    private const int Staying = 3, Most = 20;

    /// <summary>Barely more than 20 subnets: the second growth has to take what was given back in the first round.</summary>
    private const string SmallPool = """{"Network":"10.244.0.0/16","SubnetMin":"10.244.1.0","SubnetMax":"10.244.22.0","Backend":{"Type":"vxlan"}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_lab_grows_from_3_to_20_hosts_and_shrinks_back_twice_and_those_that_stay_lose_no_ping()
    {
        using var lab = await StartAsync(output, Staying, SmallPool, core: Staying);
        await lab.Run(async () =>
        {
            var staying = lab.Hosts.ToList();
            var group = new ScalingGroup(lab, staying);
            using var pings = new PingMesh(staying);
            var watch = new OverlapWatch(staying);
            await using (watch)
            {
                for (int round = 1; round <= 2; round++)
                {
                    var known = SubnetsOf(group.Vanished);
                    var up = await group.GrowTo(Most);
                    lab.Measured($"round {round}, 3 to 20: start to reachable from the three that stay {Spread(up)}");
                    var leases = (await staying[0].Api.LeasesAsync()).Leases;
                    Assert.Equal(Most, leases.Count);
                    Assert.Equal(Most, (await Task.WhenAll(lab.Hosts.Select(Subnet))).Distinct().Count());
                    // Who vanished and came back has what it had.
                    foreach (var (host, subnet) in known)
                        Assert.Equal(subnet, await Subnet(host));

                    var down = await group.ShrinkAway(i => i % 2 == 0 ? Exit.Leave : i % 4 == 1 ? Exit.Release : Exit.Vanish);
                    lab.Measured($"round {round}, 20 to 3: told to routes gone on the three that stay {Spread(down)}; {group.Vanished.Count} killed");
                    await AssertOnlyTheseHoldLeases(staying, group.Vanished);
                }
                var took = await Eventually("the three are alone", async () => (await staying[0].Api.MembersAsync()).Members.Count == Staying, Patience);
                lab.Measured($"the killed ones are out of the cluster {took.TotalSeconds:0.0} s later");
                await AssertOnlyTheseHoldLeases(staying, group.Vanished);
            }
            var seen = await pings.StopAsync();
            lab.Measured($"{seen.Sum(result => result.Sent)} pings between those that stay, {seen.Sum(result => result.Lost.Count)} lost, slowest {seen.Max(result => result.Worst)?.TotalMilliseconds:0} ms; leases looked at {watch.Looks} times, at most {watch.Most}");
            Assert.Empty(watch.Overlaps);
            Assert.Equal(Most, watch.Most);
            Assert.All(seen, result => Assert.Empty(result.Lost));
        });
    }

    [Fact]
    public void Two_leases_that_overlap_would_be_seen()
    {
        LeaseModel[] leases = [Of("a", "10.244.1.0/24"), Of("b", "10.244.2.0/24"), Of("c", "10.244.2.128/25")];
        Assert.Equal(["10.244.2.0/24 of b and 10.244.2.128/25 of c"], OverlapWatch.Among(leases));

        static LeaseModel Of(string node, string subnet) => new(subnet, null, node, node, null, null, [], 1);
    }

    /// <summary>Leases and routes are of those that stay and of those that vanished, whose containers are reached as ever; and of nobody else.</summary>
    private static async Task AssertOnlyTheseHoldLeases(IReadOnlyList<LabHost> staying, IReadOnlyList<LabHost> vanished)
    {
        string[] expected = [.. SubnetsOf([.. staying, .. vanished]).Select(item => item.Subnet).Order(StringComparer.Ordinal)];
        foreach (var host in staying)
        {
            Assert.Equal(expected, (await host.Api.LeasesAsync()).Leases.Select(lease => lease.Subnet!).Order(StringComparer.Ordinal));
            Assert.Equal(expected.Except([$"{host.Subnet}"]), await OurRoutes(host));
            foreach (var gone in vanished)
                Assert.NotNull(await host.Pinger.PingAsync(gone.ContainerAddress!, TimeSpan.FromSeconds(2)));
        }
        Assert.All((await staying[0].Api.LedgerAsync()).Leases, lease => Assert.True(lease.State == "held", $"{lease.Subnet} is {lease.State}"));
    }

    /// <summary>As their containers are wired, whether their nodes run or not.</summary>
    private static IReadOnlyList<(LabHost Host, string Subnet)> SubnetsOf(IReadOnlyList<LabHost> hosts) => [.. hosts.Select(host => (host, $"{host.Subnet}"))];

    private static string Spread(IReadOnlyList<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return $"{sorted[0].TotalSeconds:0.0} to {sorted[^1].TotalSeconds:0.0} s, median {sorted[sorted.Count / 2].TotalSeconds:0.0} s ({sorted.Count} hosts)";
    }
}
