using System.Globalization;
using System.Text.Json;
using AkkaOverlay.Actors.Network;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary><c>doctor</c> on a host with two networks of the same addresses: neither is a trap for the other.</summary>
public sealed class DoctorNetworksSpecs(ITestOutputHelper output)
{
    private const string Red = """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":1}}""";

    public static TheoryData<string, string[]> Blues => new()
    {
        { """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2,"Port":8473}}""", ["--vxlan-layout", "compact"] },
        { """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":8286}}""", [] },
    };

    [Theory]
    [MemberData(nameof(Blues))]
    public async Task Neither_network_is_a_trap_for_the_other_running_or_stopped_and_each_ones_own_traps_are_found(string blue, string[] more)
    {
        using var lab = Prepare(output, 2);
        var reds = Tenant.OnEach(lab, null, 1, Red, apart: true, more: ["--route-table", "700"]);
        var blues = Tenant.OnEach(lab, "blue", 2, blue, apart: true, more: more);
        try
        {
            await lab.Run(async () =>
            {
                foreach (var tenant in reds.Concat(blues))
                    tenant.Start();
                await Tenant.WaitReadyAsync(reds);
                await Tenant.WaitReadyAsync(blues);
                await Tenant.LeadsToContainers([.. reds, .. blues]);
                var (red, other) = (reds[1], blues[1]);
                await AssertNoFinding(red);
                await AssertNoFinding(other);

                // A route of somebody else in blue's table takes from blue and from nobody else.
                string theirs = (await blues[0].Api.StatusAsync()).Lease!.Subnet!.Replace("0/24", "128/25", StringComparison.Ordinal);
                Assert.True(NetworkName.TryParse("blue", out var name));
                string table = name.Table.ToString(CultureInfo.InvariantCulture);
                await Shell(other, $"ip route add {theirs} via 192.168.77.99 table {table}");
                await AssertNoFinding(red);
                var found = Assert.Single(Findings(await other.Doctor("--json")), finding => finding.GetProperty("check").GetString() == "foreign-routes");
                await Shell(other, found.GetProperty("mend").GetString()!);
                await AssertNoFinding(other);

                // A network that does not run yet has been given a device that another one has.
                string green = Path.Combine(other.StateDirectory, "green");
                var fresh = await other.DoctorOf("green", Red, green, "--json");
                output.WriteLine(fresh.ToString());
                Assert.Contains(Findings(fresh), finding => finding.GetProperty("what").GetString() == "flannel.1 is another network's of this host");
                AssertHarmless(fresh);

                await red.StopAsync();
                await other.StopAsync();
                await AssertNoFinding(red);
                await AssertNoFinding(other);
                // Also for one who has lost all that it knew.
                AssertHarmless(await other.DoctorOf("blue", Red, green, "--json"), reds: true);
            });
        }
        finally
        {
            foreach (var tenant in reds.Concat(blues))
                tenant.Dispose();
        }
    }

    private async Task AssertNoFinding(Tenant tenant)
    {
        var result = await tenant.Doctor("--json");
        output.WriteLine($"---- {tenant.Network}: {result}");
        Assert.Empty(Findings(result));
        Assert.Equal(0, result.ExitCode);
    }

    /// <summary>No command takes away what a network here has.</summary>
    private static void AssertHarmless(CommandResult result, bool reds = false) => Assert.DoesNotContain(
        Findings(result).Select(finding => finding.GetProperty("mend").GetString()!),
        mend => mend.Contains(reds ? "ip link del flannel.1" : "ip link del", StringComparison.Ordinal) || mend.Contains("ip addr del", StringComparison.Ordinal) || mend.Contains("ip route del", StringComparison.Ordinal));

    private static List<JsonElement> Findings(CommandResult result) => [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("findings").EnumerateArray()];

    private static async Task Shell(Tenant tenant, string line)
    {
        var result = await Command.Run(tenant.Host, "sh", "-c", line);
        Assert.True(result.ExitCode == 0, $"{line}: {result}");
    }
}
