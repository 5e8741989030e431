using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Cloud.Gce;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Tests;

namespace AkkaOverlay.Node.Tests.Cloud;

/// <summary>A host's routes in a network of Compute Engine, against a server that speaks its protocol.</summary>
public sealed class GceRoutesSpecs
{
    private static readonly CloudGoal Goal = CloudSamples.Goal(new GceConfig());

    [Fact]
    public async Task A_host_puts_its_route_into_its_network_and_a_second_look_changes_nothing()
    {
        await using var server = await CloudSamples.GceAsync();
        using var routes = CloudSamples.Routes(server);
        var outcome = await CloudSamples.RunAsync(routes, Goal);
        Assert.True(outcome.InPlace, outcome.Detail);
        Assert.Equal("10.244.1.0/24 -> vm-1 in default", outcome.Detail);
        Assert.Equal(["10.244.1.0/24 vm-1"], server.Known());
        server.Asked.Clear();
        Assert.True((await CloudSamples.RunAsync(routes, Goal)).InPlace);
        Assert.Equal(["instances.get", "routes.list"], server.Asked);
    }

    [Fact]
    public async Task Routes_of_dead_hosts_go_and_everything_else_stays_on_whatever_page_it_is()
    {
        await using var server = await CloudSamples.GceAsync();
        server.Add("akka-overlay-0-2", "10.244.2.0/24", "vm-2");
        server.Add("akka-overlay-0-3", "10.244.3.0/24", "vm-3");
        server.Add("by-hand", "10.244.4.0/24", "vm-3");
        server.Add("akka-overlay-0-5", "10.244.5.0/24", "vm-3", "other-network");
        server.Add("akka-overlay-0-6", "10.244.6.0/24", "vm-1");
        using var routes = CloudSamples.Routes(server);
        var outcome = await CloudSamples.RunAsync(routes, Goal);
        Assert.True(outcome.InPlace, outcome.Detail);
        Assert.Equal(["10.244.1.0/24 vm-1", "10.244.2.0/24 vm-2", "10.244.4.0/24 vm-3", "10.244.5.0/24 vm-3"], server.Known());
    }

    [Theory]
    [InlineData("akka-overlay-x", "vm-3", true)]
    [InlineData("by-hand", "vm-3", false)]
    [InlineData("akka-overlay-x", "vm-2", false)]
    public async Task A_route_to_our_subnet_is_replaced_only_where_its_host_is_dead_and_it_is_ours(string name, string machine, bool replaced)
    {
        await using var server = await CloudSamples.GceAsync();
        server.Add(name, "10.244.1.0/24", machine);
        using var routes = CloudSamples.Routes(server);
        var outcome = await CloudSamples.RunAsync(routes, Goal);
        Assert.Equal(replaced, outcome.InPlace);
        Assert.Equal([$"10.244.1.0/24 {(replaced ? "vm-1" : machine)}"], server.Known());
    }

    [Fact]
    public async Task A_machine_that_may_not_forward_is_told()
    {
        await using var server = await CloudSamples.GceAsync();
        server.Machines[0].CanIpForward = false;
        using var routes = CloudSamples.Routes(server);
        var outcome = await CloudSamples.RunAsync(routes, Goal);
        Assert.False(outcome.InPlace);
        Assert.StartsWith("gce: canIpForward is off on vm-1", outcome.Detail, StringComparison.Ordinal);
        Assert.Equal(["10.244.1.0/24 vm-1"], server.Known());
    }

    [Theory]
    [InlineData("instances.get")]
    [InlineData("routes.list")]
    [InlineData("routes.insert")]
    [InlineData("globalOperations.get")]
    public async Task Throttling_server_errors_and_lost_answers_are_waited_out(string action)
    {
        foreach (var mishap in new[] { Mishap.Throttled, Mishap.ServerError, Mishap.LostAnswer })
        {
            await using var server = await CloudSamples.GceAsync();
            server.Order(action, mishap, 2);
            using var routes = CloudSamples.Routes(server);
            var waits = new List<TimeSpan>();
            var outcome = await CloudSamples.RunAsync(routes, Goal, waits: waits);
            Assert.True(outcome.InPlace, outcome.Detail);
            Assert.Equal(["10.244.1.0/24 vm-1"], server.Known());
            Assert.NotEmpty(waits);
        }
    }

    [Fact]
    public async Task A_missing_permission_and_a_full_quota_are_told_in_one_line_each()
    {
        await using var server = await CloudSamples.GceAsync();
        using var routes = CloudSamples.Routes(server);
        server.Order("routes.insert", Mishap.NoRights);
        Assert.StartsWith("gce: this host may not do compute.routes.create (403 forbidden)", (await CloudSamples.RunAsync(routes, Goal)).Detail, StringComparison.Ordinal);
        server.Order("routes.insert", Mishap.Full);
        Assert.StartsWith("gce: no room for 10.244.1.0/24 (403 quotaExceeded)", (await CloudSamples.RunAsync(routes, Goal)).Detail, StringComparison.Ordinal);
        server.OperationError = "QUOTA_EXCEEDED";
        Assert.StartsWith("gce: no room for 10.244.1.0/24 (QUOTA_EXCEEDED)", (await CloudSamples.RunAsync(routes, Goal)).Detail, StringComparison.Ordinal);
        Assert.True((await CloudSamples.RunAsync(routes, Goal)).InPlace);
    }

    [Theory]
    [InlineData("10.244.1.0/24", "akka-overlay-[0-9a-f]{8}-10-244-1-0-24")]
    [InlineData("fd42:1:2:3::/64", "akka-overlay-[0-9a-f]{8}-fd420001000200030000000000000000-64")]
    public void A_route_s_name_is_one_that_the_cloud_takes(string destination, string expected)
    {
        string name = GceRoutes.NameOf("projects/acme-1/global/networks/default", IpPrefix.Parse(destination));
        Assert.Matches($"^{expected}$", name);
        Assert.Matches("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", name);
        Assert.NotEqual(name, GceRoutes.NameOf("projects/acme-1/global/networks/other", IpPrefix.Parse(destination)));
    }
}
