using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>flannel's own CNI plugin on our subnet.env, unchanged.</summary>
public sealed class FlannelPluginSpecs(ITestOutputHelper output)
{
    private const string Dual = """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","Backend":{"Type":"vxlan"}}""";

    /// <summary>
    /// How that plugin reads the file: lines are cut at the first <c>=</c> and nothing is trimmed; networks are CIDRs with commas between them, subnets one CIDR each, the MTU is digits, the masquerade
    /// is the word "true" or counts as false; all four kinds must be there.
    /// </summary>
    [Fact]
    public async Task The_file_of_a_running_node_keeps_to_its_rules()
    {
        using var lab = Prepare(output, 1, Dual);
        await lab.Run(async () =>
        {
            lab[1].Start();
            await lab[1].WaitReadyAsync(TimeSpan.FromSeconds(60));
            string text = await File.ReadAllTextAsync(lab[1].SubnetFile);
            output.WriteLine(text);
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            var values = text[..^1].Split('\n').Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
            foreach (string networks in new[] { "FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK" })
                Assert.All(values[networks].Split(','), cidr => Assert.True(IPNetwork.TryParse(cidr, out _), cidr));
            foreach (string subnet in new[] { "FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET" })
            {
                // An address with its length: the host's own bits are there, and Go's ParseCIDR takes them off.
                Assert.True(values[subnet].Split('/') is [var address, var length] && IPAddress.TryParse(address, out _) && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out _), values[subnet]);
            }
            Assert.True(uint.TryParse(values["FLANNEL_MTU"], NumberStyles.None, CultureInfo.InvariantCulture, out _));
            Assert.Contains(values["FLANNEL_IPMASQ"], new[] { "true", "false" });
        });
    }

    [FlannelPluginFact]
    public Task It_attaches_containers_that_reach_each_other() => BothFamilies(FlannelPlugin.Path);

    /// <summary>The same with ours.</summary>
    [Fact]
    public Task And_so_does_ours() => BothFamilies(null);

    private async Task BothFamilies(string? plugin)
    {
        using var lab = Prepare(output, 2, Dual);
        await lab.Run(async () =>
        {
            await CniSpecs.StartNodes(lab);
            CniRuntime[] runtimes = [.. lab.Hosts.Select(host => new CniRuntime(host, "1.0.0", instead: plugin))];
            JsonObject[] results = [await runtimes[0].Add(), await runtimes[1].Add()];
            output.WriteLine(results[0].ToJsonString());
            foreach (int family in new[] { 0, 1 })
            {
                string to = results[1]["ips"]![family]!["address"]!.GetValue<string>().Split('/')[0];
                // The bridge's own IPv6 address is looked for twice in its network before it is used (RFC 4862, duplicate address detection).
                await Eventually($"h1's container reaches {to}", async () => (await Command.Run(lab[1].Container, "ping", "-c", "1", "-W", "1", to)).ExitCode == 0, TimeSpan.FromSeconds(15));
            }
            for (int i = 0; i < 2; i++)
                await runtimes[i].Delete(results[i]);
        });
    }
}
