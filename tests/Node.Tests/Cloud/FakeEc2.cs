using System.Net;
using System.Xml.Linq;
using AkkaOverlay.Kernel.Namespaces;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Tests;

/// <summary>A machine of EC2: instance i-n with the interface eni-n.</summary>
internal sealed class Ec2Machine(int n, string address)
{
    public string Instance => $"i-{n}";

    public string Interface => $"eni-{n}";

    public string Address => address;

    public bool SourceDestCheck { get; set; } = true;

    public bool IsGone { get; set; }
}

internal sealed record Ec2Route(string Destination, string Target, string Origin = "CreateRoute");

/// <summary>
/// EC2's Query API (version 2016-11-15) and the instance metadata service, version 2, as far as a route needs them. One VPC: subnet-1 has the table rtb-1, every
/// other subnet the main table rtb-main.
/// </summary>
internal sealed class FakeEc2(IPAddress address, NetworkNamespace? inside = null) : CloudServer(address, inside)
{
    public const string Secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYSECRET";

    private static readonly XNamespace Names = "http://ec2.amazonaws.com/doc/2016-11-15/";

    private readonly Lock gate = new();

    public List<Ec2Machine> Machines { get; } = [];

    public Dictionary<string, List<Ec2Route>> Tables { get; } = new() { ["rtb-main"] = [Local], ["rtb-1"] = [Local], ["rtb-2"] = [Local] };

    /// <summary>Of every machine.</summary>
    public string Subnet { get; set; } = "subnet-1";

    private static Ec2Route Local => new("172.31.0.0/16", "local", "CreateRouteTable");

    public string[] Routes(string table)
    {
        lock (gate)
            return [.. Tables[table].Where(route => route.Target != "local").Select(route => $"{route.Destination} {route.Target}").Order(StringComparer.Ordinal)];
    }

    protected override async Task<string?> ActionAsync(HttpContext context) =>
        context.Request.HasFormContentType ? (await context.Request.ReadFormAsync())["Action"].ToString() : null;

    protected override Task AnswerAsync(HttpContext context, Mishap mishap) => mishap switch
    {
        Mishap.Throttled => Error(context, 503, "RequestLimitExceeded", "Request limit exceeded."),
        Mishap.ServerError => Error(context, 500, "InternalError", "An internal error has occurred"),
        Mishap.NoRights => Error(context, 403, "UnauthorizedOperation", $"You are not authorized to perform this operation. Encoded authorization failure message: {new string('x', 900)}"),
        _ => Error(context, 400, "RouteLimitExceeded", "The maximum number of routes has been reached."),
    };

    protected override Task AnswerAsync(HttpContext context, string? action)
    {
        lock (gate)
        {
            return action switch
            {
                null => Metadata(context),
                "DescribeInstances" => DescribeInstances(context),
                "DescribeRouteTables" => DescribeRouteTables(context),
                "CreateRoute" => Put(context, action, mustExist: false),
                "ReplaceRoute" => Put(context, action, mustExist: true),
                "DeleteRoute" => Delete(context),
                "ModifyNetworkInterfaceAttribute" => Modify(context),
                _ => Error(context, 400, "InvalidAction", $"The action {action} is not valid"),
            };
        }
    }

    private Task Metadata(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        if (path == "/latest/api/token")
            return context.Request.Method == "PUT" ? context.Response.WriteAsync("token-1") : Status(context, 405);
        if (context.Request.Headers["X-aws-ec2-metadata-token"] != "token-1")
            return Status(context, 401);
        string from = context.Connection.RemoteIpAddress!.ToString();
        var machine = Machines.Find(one => one.Address == from) ?? Machines[0];
        return path switch
        {
            "/latest/dynamic/instance-identity/document" => context.Response.WriteAsync($$"""{"instanceId":"{{machine.Instance}}","region":"eu-central-1"}"""),
            "/latest/meta-data/iam/security-credentials/" or "/latest/meta-data/iam/security-credentials" => context.Response.WriteAsync("overlay-role"),
            "/latest/meta-data/iam/security-credentials/overlay-role" => context.Response.WriteAsync($$"""
                {"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"{{Secret}}","Token":"session","Expiration":"2099-01-01T00:00:00Z"}
                """),
            _ => Status(context, 404),
        };
    }

    private Task DescribeInstances(HttpContext context)
    {
        if (Machines.Find(one => one.Instance == context.Request.Form["InstanceId.1"]) is not { } machine)
            return Error(context, 400, "InvalidInstanceID.NotFound", "The instance ID does not exist");
        return Answer(context, "DescribeInstances", Set("reservationSet", Item(
            Set("instancesSet", Item(
                E("instanceId", machine.Instance),
                Set("networkInterfaceSet", Item(
                    E("networkInterfaceId", machine.Interface),
                    E("subnetId", Subnet),
                    E("vpcId", "vpc-1"),
                    E("privateIpAddress", machine.Address),
                    E("sourceDestCheck", machine.SourceDestCheck ? "true" : "false"))))))));
    }

    private Task DescribeRouteTables(HttpContext context)
    {
        var form = context.Request.Form;
        string[] ids = [.. form.Where(field => field.Key.StartsWith("RouteTableId.", StringComparison.Ordinal)).Select(field => field.Value.ToString())];
        if (ids.FirstOrDefault(id => !Tables.ContainsKey(id)) is { } unknown)
            return Error(context, 400, "InvalidRouteTableID.NotFound", $"The routeTable ID '{unknown}' does not exist");
        if (ids.Length == 0)
            ids = form["Filter.1.Name"] == "association.subnet-id" ? form["Filter.1.Value.1"] == "subnet-1" ? ["rtb-1"] : [] : ["rtb-main"];
        return Answer(context, "DescribeRouteTables", Set("routeTableSet", [.. ids.Select(id => Item(
            E("routeTableId", id),
            E("vpcId", "vpc-1"),
            Set("routeSet", [.. Tables[id].Select(Describe)])))]));
    }

    private XElement Describe(Ec2Route route)
    {
        var machine = Machines.Find(one => one.Interface == route.Target);
        return Item(
            E(route.Destination.Contains(':', StringComparison.Ordinal) ? "destinationIpv6CidrBlock" : "destinationCidrBlock", route.Destination),
            E(route.Target.StartsWith("eni-", StringComparison.Ordinal) ? "networkInterfaceId" : "gatewayId", route.Target),
            E("origin", route.Origin),
            E("state", machine is { IsGone: true } || (machine is null && route.Target.StartsWith("eni-", StringComparison.Ordinal)) ? "blackhole" : "active"));
    }

    private Task Put(HttpContext context, string action, bool mustExist)
    {
        var form = context.Request.Form;
        string destination = form["DestinationCidrBlock"].ToString() is { Length: > 0 } v4 ? v4 : form["DestinationIpv6CidrBlock"].ToString();
        var table = Tables[form["RouteTableId"].ToString()];
        bool exists = table.Exists(route => route.Destination == destination);
        if (exists && !mustExist)
            return Error(context, 400, "RouteAlreadyExists", $"The route identified by {destination} already exists.");
        if (!exists && mustExist)
            return Error(context, 400, "InvalidRoute.NotFound", $"no route with destination-cidr-block {destination}");
        table.RemoveAll(route => route.Destination == destination);
        table.Add(new Ec2Route(destination, form["NetworkInterfaceId"].ToString()));
        return Answer(context, action, E("return", "true"));
    }

    private Task Delete(HttpContext context)
    {
        var form = context.Request.Form;
        string destination = form["DestinationCidrBlock"].ToString() is { Length: > 0 } v4 ? v4 : form["DestinationIpv6CidrBlock"].ToString();
        return Tables[form["RouteTableId"].ToString()].RemoveAll(route => route.Destination == destination) > 0
            ? Answer(context, "DeleteRoute", E("return", "true"))
            : Error(context, 400, "InvalidRoute.NotFound", $"no route with destination-cidr-block {destination}");
    }

    private Task Modify(HttpContext context)
    {
        var form = context.Request.Form;
        Machines.First(one => one.Interface == form["NetworkInterfaceId"]).SourceDestCheck = form["SourceDestCheck.Value"] != "false";
        return Answer(context, "ModifyNetworkInterfaceAttribute", E("return", "true"));
    }

    private static Task Answer(HttpContext context, string action, XElement content)
    {
        context.Response.ContentType = "text/xml;charset=UTF-8";
        return context.Response.WriteAsync(new XElement(Names + $"{action}Response", E("requestId", Guid.NewGuid().ToString()), content).ToString());
    }

    private static Task Error(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(new XElement("Response", new XElement("Errors", new XElement("Error", new XElement("Code", code), new XElement("Message", message))), new XElement("RequestID", "r-1")).ToString());
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static XElement E(string name, string text) => new(Names + name, text);

    private static XElement Set(string name, params XElement[] items) => new(Names + name, items);

    private static XElement Item(params XElement[] content) => new(Names + "item", content);
}
