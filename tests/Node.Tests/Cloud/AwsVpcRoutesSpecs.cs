using System.Net;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Cloud.Aws;
using AkkaOverlay.Tests;
using Amazon.Runtime;

namespace AkkaOverlay.Node.Tests.Cloud;

/// <summary>A host's routes in a VPC, against a server that speaks EC2's protocol.</summary>
public sealed class AwsVpcRoutesSpecs
{
    private static readonly AwsVpcConfig Config = new();

    [Fact]
    public async Task A_host_puts_its_route_into_the_table_of_its_subnet_and_turns_the_check_off()
    {
        await using var server = await CloudSamples.Ec2Async();
        using var routes = CloudSamples.Routes(server, Config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.True(outcome.InPlace, outcome.Detail);
        Assert.Equal("10.244.1.0/24 -> eni-1 in rtb-1", outcome.Detail);
        Assert.Equal(["10.244.1.0/24 eni-1"], server.Routes("rtb-1"));
        Assert.Empty(server.Routes("rtb-main"));
        Assert.False(server.Machines[0].SourceDestCheck);
        Assert.True(server.Machines[1].SourceDestCheck);
    }

    [Fact]
    public async Task A_second_look_changes_nothing()
    {
        await using var server = await CloudSamples.Ec2Async();
        using var routes = CloudSamples.Routes(server, Config);
        await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        server.Asked.Clear();
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.True(outcome.InPlace);
        Assert.Equal(["DescribeInstances", "DescribeRouteTables"], server.Asked);
    }

    [Fact]
    public async Task A_subnet_without_a_table_uses_the_main_one()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Subnet = "subnet-9";
        using var routes = CloudSamples.Routes(server, Config);
        Assert.True((await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config))).InPlace);
        Assert.Equal(["10.244.1.0/24 eni-1"], server.Routes("rtb-main"));
        Assert.Empty(server.Routes("rtb-1"));
    }

    [Fact]
    public async Task Tables_that_are_named_get_the_route_each_and_others_none()
    {
        await using var server = await CloudSamples.Ec2Async();
        var config = new AwsVpcConfig { RouteTableIds = ["rtb-2", "rtb-main"] };
        using var routes = CloudSamples.Routes(server, config);
        Assert.True((await CloudSamples.RunAsync(routes, CloudSamples.Goal(config))).InPlace);
        Assert.Equal(["10.244.1.0/24 eni-1"], server.Routes("rtb-2"));
        Assert.Equal(["10.244.1.0/24 eni-1"], server.Routes("rtb-main"));
        Assert.Empty(server.Routes("rtb-1"));
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_told()
    {
        await using var server = await CloudSamples.Ec2Async();
        var config = new AwsVpcConfig { RouteTableIds = ["rtb-9"] };
        using var routes = CloudSamples.Routes(server, config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(config));
        Assert.False(outcome.InPlace);
        Assert.StartsWith("aws-vpc: ec2:DescribeRouteTables for rtb-9: InvalidRouteTableID.NotFound", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_of_dead_hosts_go_and_everything_else_stays()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Tables["rtb-1"].AddRange([
            new("10.244.2.0/24", "eni-2"), // another host's
            new("10.244.3.0/24", "eni-3"), // gone, and no lease
            new("10.244.0.0/16", "eni-3"), // not a subnet
            new("10.244.4.0/25", "eni-3"), // narrower than one
            new("10.99.0.0/24", "eni-3"), // not of this network
            new("10.244.5.0/24", "eni-2"), // no lease, but its machine lives
            new("10.244.6.0/24", "eni-1"), // this host's earlier one
            new("10.244.7.0/24", "vgw-1", "EnableVgwRoutePropagation"),
        ]);
        using var routes = CloudSamples.Routes(server, Config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.True(outcome.InPlace, outcome.Detail);
        Assert.Equal(
            ["10.244.0.0/16 eni-3", "10.244.1.0/24 eni-1", "10.244.2.0/24 eni-2", "10.244.4.0/25 eni-3", "10.244.5.0/24 eni-2", "10.244.7.0/24 vgw-1", "10.99.0.0/24 eni-3"],
            server.Routes("rtb-1"));
    }

    [Fact]
    public async Task On_a_partial_view_nothing_is_removed()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Tables["rtb-1"].AddRange([new("10.244.3.0/24", "eni-3"), new("10.244.6.0/24", "eni-1")]);
        using var routes = CloudSamples.Routes(server, Config);
        Assert.True((await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config), mayRemove: false)).InPlace);
        Assert.Equal(["10.244.1.0/24 eni-1", "10.244.3.0/24 eni-3", "10.244.6.0/24 eni-1"], server.Routes("rtb-1"));
    }

    [Theory]
    [InlineData("eni-3", true)]
    [InlineData("eni-2", false)]
    [InlineData("vgw-1", false)]
    public async Task A_route_to_our_subnet_is_replaced_only_where_its_host_is_dead(string target, bool replaced)
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Tables["rtb-1"].Add(new("10.244.1.0/24", target));
        using var routes = CloudSamples.Routes(server, Config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.Equal(replaced, outcome.InPlace);
        Assert.Equal([$"10.244.1.0/24 {(replaced ? "eni-1" : target)}"], server.Routes("rtb-1"));
        if (!replaced)
            Assert.Contains($"10.244.1.0/24 -> {target} in rtb-1 is somebody else's", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_is_given_back_takes_its_route_along_and_leaves_others()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Tables["rtb-1"].Add(new("10.244.2.0/24", "eni-2"));
        using var routes = CloudSamples.Routes(server, Config);
        await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config).GivenBack());
        Assert.True(outcome.InPlace, outcome.Detail);
        Assert.Equal(["10.244.2.0/24 eni-2"], server.Routes("rtb-1"));
    }

    [Theory]
    [InlineData("DescribeRouteTables")]
    [InlineData("DescribeInstances")]
    [InlineData("CreateRoute")]
    [InlineData("ModifyNetworkInterfaceAttribute")]
    public async Task Throttling_and_server_errors_are_waited_out_with_growing_pauses(string action)
    {
        foreach (var mishap in new[] { Mishap.Throttled, Mishap.ServerError, Mishap.LostAnswer })
        {
            await using var server = await CloudSamples.Ec2Async();
            server.Order(action, mishap, 3);
            using var routes = CloudSamples.Routes(server, Config);
            var waits = new List<TimeSpan>();
            var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config), waits: waits);
            Assert.True(outcome.InPlace, outcome.Detail);
            Assert.Equal(["10.244.1.0/24 eni-1"], server.Routes("rtb-1"));
            Assert.InRange(waits.Count, 1, 3);
            for (int i = 0; i < waits.Count; i++)
                Assert.InRange(waits[i], CloudBackoff.First * (1 << i) / 2, CloudBackoff.First * (1 << i));
        }
    }

    [Fact]
    public async Task A_lost_answer_is_found_out_by_reading_and_the_change_is_not_sent_again()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Machines[0].SourceDestCheck = false;
        server.Order("CreateRoute", Mishap.LostAnswer);
        using var routes = CloudSamples.Routes(server, Config);
        Assert.True((await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config))).InPlace);
        Assert.Single(server.Asked, "CreateRoute");
    }

    [Fact]
    public async Task A_cloud_that_stays_away_is_given_up_after_a_bounded_number_of_tries()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Order("DescribeRouteTables", Mishap.Throttled, 1000);
        using var routes = CloudSamples.Routes(server, Config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.False(outcome.InPlace);
        Assert.Equal(CloudReconciler.MostTries, server.Asked.Count(action => action == "DescribeRouteTables"));
        Assert.Contains("RequestLimitExceeded", outcome.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CreateRoute")]
    [InlineData("DescribeInstances")]
    [InlineData("DescribeRouteTables")]
    [InlineData("ModifyNetworkInterfaceAttribute")]
    public async Task A_missing_right_is_named_in_one_line_and_asked_for_once(string action)
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Order(action, Mishap.NoRights, 1000);
        using var routes = CloudSamples.Routes(server, Config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.False(outcome.InPlace);
        Assert.Equal($"aws-vpc: this host may not do ec2:{action} (UnauthorizedOperation): its role needs that right", outcome.Detail);
        Assert.Single(server.Asked, action);
    }

    [Fact]
    public async Task A_full_table_is_told_and_what_is_stale_goes_first()
    {
        await using var server = await CloudSamples.Ec2Async();
        server.Tables["rtb-1"].Add(new("10.244.3.0/24", "eni-3"));
        server.Order("CreateRoute", Mishap.Full, 1000);
        using var routes = CloudSamples.Routes(server, Config);
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.False(outcome.InPlace);
        Assert.Contains("no room for 10.244.1.0/24 in rtb-1 (RouteLimitExceeded)", outcome.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Routes("rtb-1"));
        Assert.True(server.Asked.ToList().IndexOf("DeleteRoute") < server.Asked.ToList().IndexOf("CreateRoute"));
    }

    [Fact]
    public async Task A_host_without_credentials_says_so()
    {
        await using var server = await CloudSamples.Ec2Async();
        using var routes = new AwsVpcRoutes(Config, new HttpClient(), server.Url, _ => throw new AmazonClientException("Failed to resolve AWS credentials. …"));
        var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
        Assert.StartsWith("aws-vpc: no credentials: ", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_underlay_on_no_interface_of_the_machine_is_told()
    {
        await using var server = await CloudSamples.Ec2Async();
        using var routes = CloudSamples.Routes(server, Config);
        var goal = CloudSamples.Goal(Config) with { Local = new HostAddresses(IPAddress.Parse("10.9.9.9"), null) };
        Assert.Equal("aws-vpc: no network interface of i-1 has the underlay's address 10.9.9.9: choose its device with --iface", (await CloudSamples.RunAsync(routes, goal)).Detail);
    }

    [Fact]
    public async Task No_trouble_carries_a_secret_or_a_line_break()
    {
        foreach (var mishap in Enum.GetValues<Mishap>())
        {
            await using var server = await CloudSamples.Ec2Async();
            server.Order("CreateRoute", mishap, 1000);
            using var routes = CloudSamples.Routes(server, Config);
            var outcome = await CloudSamples.RunAsync(routes, CloudSamples.Goal(Config));
            foreach (string text in outcome.Troubles.Append(outcome.Detail))
            {
                Assert.DoesNotContain(FakeEc2.Secret, text, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', text);
                Assert.InRange(text.Length, 1, 400);
            }
        }
    }
}
