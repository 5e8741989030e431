using AkkaOverlay.Node.Lab;
using AkkaOverlay.Tests;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Real nodes whose cloud is a server on the last host of the lab: credentials, who they are, and every route come over its network.</summary>
public sealed class CloudSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Hosts_of_a_VPC_keep_a_route_each_through_throttling_lost_answers_and_deaths()
    {
        using var lab = Prepare(output, 3, """{"Network":"10.244.0.0/16","Backend":{"Type":"aws-vpc","RouteTableID":["rtb-1","rtb-2"]}}""");
        await using var server = new FakeEc2(lab[3].UnderlayAddress, lab[3].Host);
        foreach (var host in lab.Hosts)
            server.Machines.Add(new Ec2Machine(host.Index, host.UnderlayAddress.ToString()));
        server.Tables["rtb-1"].Add(new Ec2Route("10.99.0.0/24", "eni-9"));
        await server.StartAsync();
        server.Order("CreateRoute", Mishap.LostAnswer, 2);
        server.Order("DescribeRouteTables", Mishap.Throttled, 3);
        var environment = new Dictionary<string, string> { ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = $"http://{server.Url.Authority}", ["AWS_ENDPOINT_URL_EC2"] = $"{server.Url}" };
        await lab.Run(async () =>
        {
            await StartAsync(lab, environment);
            string[] expected = ["10.99.0.0/24 eni-9", .. await Expected(lab, host => $"eni-{host.Index}")];
            Assert.Equal(expected.Order(StringComparer.Ordinal), server.Routes("rtb-1"));
            Assert.Equal(expected[1..], server.Routes("rtb-2"));
            Assert.All(server.Machines, machine => Assert.False(machine.SourceDestCheck));
            await AssertPacketsPass(lab);

            string left = await Subnet(lab[2]);
            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[2].RunDirectory)).ExitCode);
            await Eventually("the route of the host that left is gone", () => Task.FromResult(!server.Routes("rtb-1").Concat(server.Routes("rtb-2")).Any(route => route.StartsWith(left, StringComparison.Ordinal))), Patience);
            await lab[2].WaitForExitAsync();

            // A machine that is gone, and whose lease somebody released.
            server.Tables["rtb-1"].Add(new Ec2Route("10.244.200.0/24", "eni-77"));
            var took = await Eventually("the dead host's route is gone", () => Task.FromResult(!server.Routes("rtb-1").Contains("10.244.200.0/24 eni-77")), TimeSpan.FromSeconds(90));
            lab.Measured($"a route of a dead host is gone after {took.TotalSeconds:0} s");
            Assert.Contains("10.99.0.0/24 eni-9", server.Routes("rtb-1"));
            AssertNoSecret(lab, FakeEc2.Secret);
        });
    }

    [Fact]
    public async Task A_missing_right_holds_up_readiness_and_is_told_until_it_is_granted()
    {
        using var lab = Prepare(output, 1, """{"Network":"10.244.0.0/16","Backend":{"Type":"aws-vpc"}}""");
        await using var server = new FakeEc2(lab[1].UnderlayAddress, lab[1].Host);
        server.Machines.Add(new Ec2Machine(1, lab[1].UnderlayAddress.ToString()));
        await server.StartAsync();
        server.Order("CreateRoute", Mishap.NoRights);
        await lab.Run(async () =>
        {
            lab[1].Start(new Dictionary<string, string> { ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = $"http://{server.Url.Authority}", ["AWS_ENDPOINT_URL_EC2"] = $"{server.Url}" });
            const string told = "aws-vpc: this host may not do ec2:CreateRoute (UnauthorizedOperation): its role needs that right";
            await Eventually("status says why", async () => (await lab[1].Api.StatusAsync()) is { Ready: false } status && status.Components.Any(component => component.Name == "cloud routes" && component.Detail == told), Patience);
            Assert.Contains(told, await File.ReadAllTextAsync(lab[1].LogFile), StringComparison.Ordinal);
            await lab[1].WaitReadyAsync(Patience);
            Assert.Single(server.Routes("rtb-1"));
        });
    }

    [Fact]
    public async Task Hosts_of_Compute_Engine_keep_a_route_each_through_throttling_lost_answers_and_deaths()
    {
        using var lab = Prepare(output, 3, """{"Network":"10.244.0.0/16","Backend":{"Type":"gce"}}""");
        await using var server = new FakeGce(lab[3].UnderlayAddress, lab[3].Host);
        foreach (var host in lab.Hosts)
            server.Machines.Add(new GceMachine($"vm-{host.Index}", host.UnderlayAddress.ToString()));
        server.Add("by-hand", "10.99.0.0/24", "vm-9");
        server.Add("akka-overlay-1-dead", "10.244.200.0/24", "vm-9");
        await server.StartAsync();
        server.Order("routes.insert", Mishap.LostAnswer, 2);
        server.Order("routes.list", Mishap.Throttled, 3);
        var environment = new Dictionary<string, string> { ["GCE_METADATA_HOST"] = server.Url.Authority, ["CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE"] = $"{server.Url}compute/v1/" };
        await lab.Run(async () =>
        {
            await StartAsync(lab, environment);
            await Eventually("the dead host's route is gone", () => Task.FromResult(!server.Known().Contains("10.244.200.0/24 vm-9")), Patience);
            string[] expected = ["10.99.0.0/24 vm-9", .. await Expected(lab, host => $"vm-{host.Index}")];
            Assert.Equal(expected.Order(StringComparer.Ordinal), server.Known());
            await AssertPacketsPass(lab);

            string left = await Subnet(lab[2]);
            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[2].RunDirectory)).ExitCode);
            await Eventually("the route of the host that left is gone", () => Task.FromResult(!server.Known().Any(route => route.StartsWith(left, StringComparison.Ordinal))), Patience);
            AssertNoSecret(lab, FakeGce.Secret);
        });
    }

    private static async Task StartAsync(OverlayLab lab, Dictionary<string, string> environment)
    {
        foreach (var host in lab.Hosts)
            host.Start(environment);
        await lab.WaitReadyAsync();
    }

    private static async Task<string[]> Expected(OverlayLab lab, Func<LabHost, string> target)
    {
        var routes = new List<string>();
        foreach (var host in lab.Hosts)
            routes.Add($"{await Subnet(host)} {target(host)}");
        return [.. routes.Order(StringComparer.Ordinal)];
    }

    /// <summary>The lab's bridge does not read the cloud's routes: what its router would do is done by a route on each host.</summary>
    private static async Task AssertPacketsPass(OverlayLab lab)
    {
        foreach (var host in lab.Hosts)
        {
            Assert.Empty(await OurRoutes(host));
            Assert.Equal(0, (await host.Api.StatusAsync()).KernelWrites);
            Assert.Contains("FLANNEL_MTU=1500\n", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
            foreach (var peer in lab.Hosts.Where(peer => peer != host))
                Assert.Equal(0, (await Command.Run(host.Host, "ip", "route", "add", await Subnet(peer), "via", $"{peer.UnderlayAddress}")).ExitCode);
        }
        await Matrix.AssertNoLoss(lab);
    }

    private static void AssertNoSecret(OverlayLab lab, string secret)
    {
        foreach (var host in lab.Hosts)
        {
            string log = File.ReadAllText(host.LogFile);
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
            Assert.Contains($" in {(secret == FakeGce.Secret ? "default" : "rtb-1")}", log, StringComparison.Ordinal);
        }
    }
}
