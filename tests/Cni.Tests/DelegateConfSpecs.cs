using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni.Tests;

/// <summary>What the delegate is told: flannel's plugin's defaults, and the gateway of each route.</summary>
public sealed class DelegateConfSpecs
{
    private static readonly SubnetEnv Host = SubnetEnv.Parse(Desk.SubnetEnvOf());

    [Fact]
    public void Without_options_it_is_a_bridge_with_this_hosts_subnet() => MustBe("""{"cniVersion":"1.0.0","name":"n"}""", Host, """
        {"cniVersion":"1.0.0","name":"n","type":"bridge","ipMasq":false,"mtu":1450,"isGateway":true,
         "ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.1.0/24"}]],"routes":[{"dst":"10.244.0.0/16","gw":"10.244.1.1"}]}}
        """);

    [Fact]
    public void What_the_operator_said_stays() => MustBe("""
        {"cniVersion":"1.0.0","name":"n","delegate":{"type":"ptp","mtu":1200,"ipMasq":true,"hairpinMode":true},"runtimeConfig":{"mac":"02:00:00:00:00:01"},
         "args":{"cni":{"ips":["10.244.1.9"]}},"ipam":{"dataDir":"/x","routes":[{"dst":"192.0.2.0/24","gw":"10.244.1.1"}]}}
        """, Host, """
        {"cniVersion":"1.0.0","name":"n","type":"ptp","mtu":1200,"ipMasq":true,"hairpinMode":true,"runtimeConfig":{"mac":"02:00:00:00:00:01"},
         "args":{"cni":{"ips":["10.244.1.9"]}},
         "ipam":{"type":"host-local","dataDir":"/x","ranges":[[{"subnet":"10.244.1.0/24"}]],"routes":[{"dst":"192.0.2.0/24","gw":"10.244.1.1"},{"dst":"10.244.0.0/16","gw":"10.244.1.1"}]}}
        """);

    [Fact]
    public void Both_families_get_a_range_and_a_route() => MustBe("""{"cniVersion":"0.3.1","name":"n"}""",
        SubnetEnv.Parse(Desk.SubnetEnvOf().Replace("=true", "=false", StringComparison.Ordinal) + "FLANNEL_IPV6_NETWORK=fd00::/48\nFLANNEL_IPV6_SUBNET=fd00:0:0:7::1/64\n"), """
        {"cniVersion":"0.3.1","name":"n","type":"bridge","ipMasq":true,"mtu":1450,"isGateway":true,
         "ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.1.0/24"}],[{"subnet":"fd00:0:0:7::/64"}]],"routes":[{"dst":"10.244.0.0/16","gw":"10.244.1.1"},{"dst":"fd00::/48","gw":"fd00:0:0:7::1"}]}}
        """);

    private static void MustBe(string given, SubnetEnv host, string wanted)
    {
        var conf = NetworkConf.Read(JsonNode.Parse(given)!.AsObject(), "ADD");
        var built = DelegateConf.Build(conf, host, conf.Version);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(wanted), built), built.ToJsonString());
        // What was given is as it was.
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(given), conf.Given));
    }
}
