using System.Text.RegularExpressions;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>docs/redistribute-routes.md, word for word, against Debian's BIRD: h1 speaks BGP with h3, a router that knows nothing of the overlay.</summary>
public sealed partial class BirdSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The router: takes what it hears.</summary>
    private const string Router = """
        router id 192.168.77.3;
        protocol device { }
        protocol kernel { ipv4 { import none; export all; }; }
        protocol bgp overlay {
          local 192.168.77.3 as 65000;
          neighbor 192.168.77.1 as 65001;
          connect retry time 1;
          ipv4 { import all; export none; };
        }
        """;

    [Fact]
    public async Task Bird_announces_our_routes_and_none_of_the_administrators()
    {
        using var lab = Prepare(output, 3);
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts.Take(2))
            {
                host.Start();
                await host.WaitReadyAsync(Patience);
                host.ConnectContainer();
            }
            await Eventually("h1 has its peer", async () => (await OurRoutes(lab[1])).Count == 1, Patience);
            await Administrator(lab, "10.99.0.0/16", "static");
            await Administrator(lab, "10.98.0.0/16", "boot");
            await Administrator(lab, "10.97.0.0/16", "78");
            var (own, peers) = (await Subnet(lab[1]), await Subnet(lab[2]));

            using var speaker = Bird.Start(lab[1], Recipe());
            using var router = Bird.Start(lab[3], Router);
            await Eventually("bird speaks BGP", async () => (await speaker.Ask("show protocols uplink")).Contains("Established", StringComparison.Ordinal), Patience);
            var took = await Eventually("the router has both subnets", async () => (await Learned(lab)).SequenceEqual(new[] { own, peers }.Order(StringComparer.Ordinal)), Patience);
            lab.Measured($"BGP: both subnets are in the router's kernel {took.TotalSeconds:0.0} s after bird was started");
            output.WriteLine(await speaker.Ask("show route"));
            Assert.Equal([peers], await speaker.RoutesOf("overlay4"));
            Assert.Equal([own], await speaker.RoutesOf("own4"));
            foreach (var host in lab.Hosts.Take(2))
                Assert.Equal(0, (await Command.Run(lab[3].Host, "ping", "-c", "1", "-W", "2", host.ContainerAddress!.ToString())).ExitCode);
            // Bird wrote nothing of its own beside ours.
            Assert.Equal([peers], await OurRoutes(lab[1]));

            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[2].RunDirectory)).ExitCode);
            var gone = await Eventually("the router forgets the one that left", async () => (await Learned(lab)).SequenceEqual([own]), Patience);
            lab.Measured($"BGP: the subnet of a host that left is out of the router's kernel after {gone.TotalSeconds:0.0} s");
        });
    }

    /// <summary>What the page says, with the lab's addresses and its bridge.</summary>
    private static string Recipe()
    {
        string page = File.ReadAllText(Repository.File("docs/redistribute-routes.md"));
        string recipe = Recipes().Match(page).Groups[1].Value;
        Assert.Contains("krt_source = 77", recipe, StringComparison.Ordinal);
        return recipe
            .Replace("192.168.7.254", "192.168.77.3", StringComparison.Ordinal)
            .Replace("192.168.7.1", "192.168.77.1", StringComparison.Ordinal)
            .Replace("docker0", "cni0", StringComparison.Ordinal)
            // The default waits for up to two minutes.
            .Replace("neighbor ", "connect retry time 1; connect delay time 1; neighbor ", StringComparison.Ordinal);
    }

    private static async Task Administrator(OverlayLab lab, string destination, string protocol)
    {
        var added = await Command.Run(lab[1].Host, "ip", "route", "add", destination, "via", "192.168.77.2", "proto", protocol);
        Assert.True(added.ExitCode == 0, added.ToString());
    }

    private static async Task<IReadOnlyList<string>> Learned(OverlayLab lab) =>
        [.. (await Ip(lab[3], "route", "show", "proto", "bird")).EnumerateArray().Select(route => route.GetProperty("dst").GetString()!).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^## BIRD 2\n.*?^```\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Recipes();
}
