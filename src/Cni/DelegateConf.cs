using System.Text.Json.Nodes;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Cni;

/// <summary>The delegate's configuration: ours, and this host's subnet.</summary>
internal static class DelegateConf
{
    /// <summary>
    /// What the network says about its delegate stays; added are the host's ranges, routes into the overlay, the MTU, the masquerade (the delegate
    /// does it where the overlay does not), and for a bridge the gateway.
    /// </summary>
    /// <param name="version">The version that is spoken with the delegate.</param>
    public static JsonObject Build(NetworkConf conf, SubnetEnv host, string version)
    {
        var built = (JsonObject)conf.Delegate.DeepClone();
        built["cniVersion"] = version;
        built["name"] = conf.Name;
        built["type"] = conf.DelegateType;
        Default(built, "ipMasq", !host.IpMasq);
        Default(built, "mtu", host.Mtu);
        if (conf.DelegateType == "bridge")
            Default(built, "isGateway", true);
        foreach (string passedOn in new[] { "runtimeConfig", "args" })
        {
            if (conf.Given[passedOn] is { } given && !built.ContainsKey(passedOn))
                built[passedOn] = given.DeepClone();
        }
        built["ipam"] = Ipam(conf.Ipam, host);
        return built;
    }

    /// <summary>The saved configuration, and what the runtime gives with the command that needs it.</summary>
    public static JsonObject WithPrevResult(JsonObject saved, JsonObject given)
    {
        var complete = (JsonObject)saved.DeepClone();
        if (given["prevResult"] is JsonObject result)
        {
            var copy = (JsonObject)result.DeepClone();
            Relabel(copy, Json.Text(saved["cniVersion"]) ?? CniVersion.BeforeLatest);
            complete["prevResult"] = copy;
        }
        return complete;
    }

    /// <summary>Between 1.1 and 1.0 a result changes in nothing but its label: what 1.1 added is optional. Others are left alone.</summary>
    public static void Relabel(JsonObject result, string version)
    {
        if (Json.Text(result["cniVersion"]) is CniVersion.Latest or CniVersion.BeforeLatest && version is CniVersion.Latest or CniVersion.BeforeLatest)
            result["cniVersion"] = version;
    }

    private static JsonObject Ipam(JsonObject given, SubnetEnv host)
    {
        var ipam = (JsonObject)given.DeepClone();
        Default(ipam, "type", "host-local");
        ipam["ranges"] = new JsonArray([.. host.Subnets.Select(subnet => new JsonArray(new JsonObject { ["subnet"] = subnet.ToString() }))]);
        var routes = ipam["routes"]?.DeepClone() as JsonArray ?? [];
        foreach (var network in host.Networks)
            routes.Add((JsonNode)new JsonObject { ["dst"] = network.ToString(), ["gw"] = GatewayTo(network, host) });
        ipam["routes"] = routes;
        return ipam;
    }

    /// <summary>
    /// The first address of the subnet, which host-local takes too where none is given. It is given nevertheless: the bridge finds a route without a gateway
    /// in the result, but not in the kernel, and its CHECK then fails (seen with its version 1.1.1).
    /// </summary>
    private static string GatewayTo(IpPrefix network, SubnetEnv host) => host.Subnets.First(subnet => subnet.IsIPv4 == network.IsIPv4).AddressAt(1).ToString();

    private static void Default(JsonObject target, string name, JsonNode value)
    {
        if (!target.ContainsKey(name))
            target[name] = value;
    }
}
