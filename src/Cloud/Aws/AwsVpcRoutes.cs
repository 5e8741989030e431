using System.Collections.Immutable;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using Amazon;
using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;

namespace AkkaOverlay.Cloud.Aws;

/// <summary>
/// Routes in the route tables of a VPC. Their target is this host's network interface: an instance as a target must not have two of them. What a route table lists
/// as a blackhole leads to an interface that is gone or whose machine is stopped.
/// </summary>
/// <param name="client">For a region; credentials by Amazon's own chain.</param>
internal sealed class AwsVpcRoutes(AwsVpcConfig config, HttpClient http, Uri metadata, Func<string, IAmazonEC2> client) : ICloudRoutes
{
    private InstanceIdentity? identity;
    private IAmazonEC2? ec2;
    private string networkInterface = "";

    public static AwsVpcRoutes Open(AwsVpcConfig config) => new(
        config,
        new HttpClient { Timeout = CloudProviders.RequestTime },
        InstanceMetadata.Endpoint,
        region => new AmazonEC2Client(Settings(region)));

    /// <summary>Trying again is who calls's: a change whose answer was lost must not be sent twice unseen.</summary>
    internal static AmazonEC2Config Settings(string region) => new()
    {
        RegionEndpoint = RegionEndpoint.GetBySystemName(region),
        MaxErrorRetry = 0,
        Timeout = CloudProviders.RequestTime,
        HttpClientFactory = new SendOnceFactory(),
    };

    public async Task<CloudView> ReadAsync(CloudGoal goal, CancellationToken cancel)
    {
        identity ??= await new InstanceMetadata(http, metadata).ReadAsync(cancel);
        ec2 ??= Connect(identity.Region);
        var instance = await InstanceAsync(identity.InstanceId, cancel);
        var mine = InterfaceOf(instance, goal);
        networkInterface = mine.NetworkInterfaceId;
        var tables = await TablesAsync(mine, cancel);
        return new CloudView(
            networkInterface,
            [.. tables.Select(table => table.RouteTableId)],
            [.. tables.SelectMany(table => (table.Routes ?? []).Select(route => RouteOf(table, route)).OfType<CloudRoute>().Where(route => goal.IsSubnet(route.Destination)))],
            mine.SourceDestCheck == false);
    }

    public Task ApplyAsync(CloudCall call, CancellationToken cancel) => call switch
    {
        CloudCall.AllowForwarding => Ask("ec2:ModifyNetworkInterfaceAttribute", networkInterface, (api, until) => api.ModifyNetworkInterfaceAttributeAsync(
            new ModifyNetworkInterfaceAttributeRequest { NetworkInterfaceId = networkInterface, SourceDestCheck = false }, until), cancel),
        CloudCall.Create(var table, var destination) => CreateAsync(table, destination, cancel),
        CloudCall.Replace(var old) => Ask("ec2:ReplaceRoute", $"{old.Destination} in {old.Table}", (api, until) => api.ReplaceRouteAsync(
            new ReplaceRouteRequest
            {
                RouteTableId = old.Table,
                DestinationCidrBlock = IPv4(old.Destination),
                DestinationIpv6CidrBlock = IPv6(old.Destination),
                NetworkInterfaceId = networkInterface,
            }, until), cancel),
        CloudCall.Delete(var old) => DeleteAsync(old, cancel),
        _ => throw new ArgumentException($"{call} is not known here.", nameof(call)),
    };

    public void Dispose()
    {
        ec2?.Dispose();
        http.Dispose();
    }

    /// <summary>Credentials are looked for as soon as there is a client, also over the network.</summary>
    private IAmazonEC2 Connect(string region)
    {
        try
        {
            return client(region);
        }
        catch (AmazonClientException e)
        {
            throw new CloudException(CloudTrouble.Passing, "aws-vpc: no credentials: neither the environment nor a profile has any, and the instance metadata service names no role", e);
        }
    }

    private Task CreateAsync(string table, IpPrefix destination, CancellationToken cancel) => Ask("ec2:CreateRoute", $"{destination} in {table}", (api, until) => api.CreateRouteAsync(
        new CreateRouteRequest
        {
            RouteTableId = table,
            DestinationCidrBlock = IPv4(destination),
            DestinationIpv6CidrBlock = IPv6(destination),
            NetworkInterfaceId = networkInterface,
        }, until), cancel);

    private async Task DeleteAsync(CloudRoute old, CancellationToken cancel)
    {
        try
        {
            await Ask("ec2:DeleteRoute", $"{old.Destination} in {old.Table}", (api, until) => api.DeleteRouteAsync(
                new DeleteRouteRequest { RouteTableId = old.Table, DestinationCidrBlock = IPv4(old.Destination), DestinationIpv6CidrBlock = IPv6(old.Destination) }, until), cancel);
        }
        catch (CloudException e) when (e.InnerException is AmazonServiceException { ErrorCode: AwsErrors.NoSuchRoute })
        {
            // Another host was faster.
        }
    }

    private async Task<Instance> InstanceAsync(string id, CancellationToken cancel)
    {
        var answer = await Ask("ec2:DescribeInstances", id, (api, until) => api.DescribeInstancesAsync(new DescribeInstancesRequest { InstanceIds = [id] }, until), cancel);
        return (answer.Reservations ?? []).SelectMany(reservation => reservation.Instances ?? []).FirstOrDefault(instance => instance.InstanceId == id)
            ?? throw new CloudException(CloudTrouble.Passing, $"aws-vpc: EC2 does not know the instance {id}");
    }

    /// <summary>The one that carries the underlay's address.</summary>
    private static InstanceNetworkInterface InterfaceOf(Instance instance, CloudGoal goal)
    {
        var all = instance.NetworkInterfaces ?? [];
        string? v4 = goal.Local.IPv4?.ToString();
        return all.Find(one => v4 is not null && (one.PrivateIpAddress == v4 || (one.PrivateIpAddresses ?? []).Exists(address => address.PrivateIpAddress == v4)))
            ?? all.Find(one => goal.Local.IPv6 is { } v6 && (one.Ipv6Addresses ?? []).Exists(address => System.Net.IPAddress.TryParse(address.Ipv6Address, out var known) && known.Equals(v6)))
            ?? throw new CloudException(CloudTrouble.Refused, $"aws-vpc: no network interface of {instance.InstanceId} has the underlay's address {goal.Local.IPv4 ?? goal.Local.IPv6}: choose its device with --iface");
    }

    private async Task<List<RouteTable>> TablesAsync(InstanceNetworkInterface mine, CancellationToken cancel)
    {
        if (config.RouteTableIds.Count > 0)
            return await DescribeAsync(new DescribeRouteTablesRequest { RouteTableIds = [.. config.RouteTableIds] }, string.Join(", ", config.RouteTableIds), cancel);
        var ofSubnet = await DescribeAsync(Filtered(("association.subnet-id", mine.SubnetId)), mine.SubnetId, cancel);
        return ofSubnet.Count > 0 ? ofSubnet : await DescribeAsync(Filtered(("vpc-id", mine.VpcId), ("association.main", "true")), mine.VpcId, cancel);
    }

    private static DescribeRouteTablesRequest Filtered(params IEnumerable<(string Name, string Value)> filters) =>
        new() { Filters = [.. filters.Select(filter => new Filter(filter.Name, [filter.Value]))] };

    private async Task<List<RouteTable>> DescribeAsync(DescribeRouteTablesRequest request, string about, CancellationToken cancel)
    {
        var tables = new List<RouteTable>();
        do
        {
            var answer = await Ask("ec2:DescribeRouteTables", about, (api, until) => api.DescribeRouteTablesAsync(request, until), cancel);
            tables.AddRange(answer.RouteTables ?? []);
            request.NextToken = answer.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));
        return tables;
    }

    /// <returns>Null for a destination that is no prefix, such as a prefix list's.</returns>
    private CloudRoute? RouteOf(RouteTable table, Amazon.EC2.Model.Route route)
    {
        if (!IpPrefix.TryParse(route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock, null, out var destination))
            return null;
        string? machine = route.NetworkInterfaceId ?? route.InstanceId;
        var target = route.NetworkInterfaceId == networkInterface ? CloudTarget.Here
            : machine is not null && route.Origin == RouteOrigin.CreateRoute ? CloudTarget.Machine
            : CloudTarget.Other;
        string name = machine ?? route.GatewayId ?? route.NatGatewayId ?? route.TransitGatewayId ?? route.VpcPeeringConnectionId ?? "something else";
        return new CloudRoute(table.RouteTableId, destination, target, name, route.State != RouteState.Blackhole);
    }

    private async Task<T> Ask<T>(string action, string about, Func<IAmazonEC2, CancellationToken, Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask(ec2!, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw AwsErrors.Of(e, action, about);
        }
    }

    private static string? IPv4(IpPrefix destination) => destination.IsIPv4 ? destination.ToString() : null;

    private static string? IPv6(IpPrefix destination) => destination.IsIPv4 ? null : destination.ToString();
}
