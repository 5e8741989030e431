using System.Net;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Cloud.Aws;
using AkkaOverlay.Cloud.Gce;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Tests;
using Amazon.EC2;
using Amazon.Runtime;

namespace AkkaOverlay.Node.Tests.Cloud;

/// <summary>A host of 10.244.0.0/16 at 172.31.0.1, with 10.244.1.0/24; 10.244.2.0/24 is another one's.</summary>
internal static class CloudSamples
{
    public static readonly IpPrefix Mine = IpPrefix.Parse("10.244.1.0/24");

    public static CloudGoal Goal(BackEndConfig backEnd) => new(
        backEnd,
        new HostAddresses(IPAddress.Parse("172.31.0.1"), null),
        [Mine],
        [NetConf.Parse("""{ "Network": "10.244.0.0/16" }""").IPv4!],
        [IpPrefix.Parse("10.244.2.0/24")]);

    public static async Task<FakeEc2> Ec2Async()
    {
        var server = new FakeEc2(IPAddress.Loopback);
        server.Machines.Add(new Ec2Machine(1, "172.31.0.1"));
        server.Machines.Add(new Ec2Machine(2, "172.31.0.2"));
        await server.StartAsync();
        return server;
    }

    public static AwsVpcRoutes Routes(FakeEc2 server, AwsVpcConfig config) => new(config, new HttpClient(), server.Url, region =>
    {
        var settings = AwsVpcRoutes.Settings(region);
        settings.ServiceURL = server.Url.ToString();
        settings.AuthenticationRegion = region;
        return new AmazonEC2Client(new BasicAWSCredentials("AKIAEXAMPLE", FakeEc2.Secret), settings);
    });

    public static async Task<FakeGce> GceAsync()
    {
        var server = new FakeGce(IPAddress.Loopback);
        server.Machines.Add(new GceMachine("vm-1", "172.31.0.1"));
        server.Machines.Add(new GceMachine("vm-2", "172.31.0.2"));
        await server.StartAsync();
        return server;
    }

    public static GceRoutes Routes(FakeGce server)
    {
        var http = new HttpClient();
        return new GceRoutes(http, server.Url, new ComputeApi(http, new Uri(server.Url, "/compute/v1/"), _ => Task.FromResult(FakeGce.Secret)));
    }

    /// <summary>One pass whose waits take no time.</summary>
    /// <param name="waits">What it would have waited.</param>
    public static Task<CloudOutcome> RunAsync(ICloudRoutes cloud, CloudGoal goal, bool mayRemove = true, List<TimeSpan>? waits = null) =>
        new CloudReconciler(cloud, new CloudBackoff(new Random(1)), (time, _) =>
        {
            waits?.Add(time);
            return Task.CompletedTask;
        }).RunAsync(goal, mayRemove, CancellationToken.None);
}
