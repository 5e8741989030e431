using System.Globalization;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Network;

public class AcceptedNetConfSpecs
{
    private const string Net = "\"Network\":\"10.244.0.0/16\"";

    [Theory]
    // Values seen by running flannel itself.
    [InlineData("""{"Network":"10.3.0.0/16"}""", "10.3.0.0/16 /24 10.3.1.0-10.3.255.0 255x256")]
    [InlineData("""{"Network":"10.0.0.0/22"}""", "10.0.0.0/22 /24 10.0.1.0-10.0.3.0 3x256")]
    [InlineData("""{"Network":"10.0.0.0/23"}""", "10.0.0.0/23 /25 10.0.0.128-10.0.1.128 3x128")]
    [InlineData("""{"Network":"10.0.0.0/24"}""", "10.0.0.0/24 /26 10.0.0.64-10.0.0.192 3x64")]
    [InlineData("""{"Network":"10.0.0.0/28"}""", "10.0.0.0/28 /30 10.0.0.4-10.0.0.12 3x4")]
    [InlineData("""{"Network":"10.244.7.9/16"}""", "10.244.0.0/16 /24 10.244.1.0-10.244.255.0 255x256")]
    [InlineData(
        """{"Network":"10.0.0.0/8","SubnetLen":20,"SubnetMin":"10.10.0.0","SubnetMax":"10.99.0.0","Backend":{"Type":"udp","Port":7890}}""",
        "10.0.0.0/8 /20 10.10.0.0-10.99.0.0 1425x4096")]
    // A first subnet that is asked for, unset bounds, and names in any case.
    [InlineData("""{"Network":"10.0.0.0/16","SubnetMin":"10.0.0.0"}""", "10.0.0.0/16 /24 10.0.0.0-10.0.255.0 256x256")]
    [InlineData("""{"Network":"10.0.0.0/16","SubnetMin":"0.0.0.0","SubnetMax":"0.0.0.0"}""", "10.0.0.0/16 /24 10.0.1.0-10.0.255.0 255x256")]
    [InlineData("""{"Network":"10.0.0.0/16","SubnetMin":"10.0.9.0","SubnetMax":"10.0.9.0"}""", "10.0.0.0/16 /24 10.0.9.0-10.0.9.0 1x256")]
    [InlineData("""{"Network":"10.0.0.0/16","SubnetLen":0,"SubnetMin":null}""", "10.0.0.0/16 /24 10.0.1.0-10.0.255.0 255x256")]
    [InlineData("""{"Network":"10.0.0.0/28","SubnetLen":30}""", "10.0.0.0/28 /30 10.0.0.4-10.0.0.12 3x4")]
    [InlineData("""{"network":"10.0.0.0/16","SUBNETLEN":18}""", "10.0.0.0/16 /18 10.0.64.0-10.0.192.0 3x16384")]
    [InlineData("\uFEFF  {\"Network\":\"10.0.0.0/16\"}\r\n", "10.0.0.0/16 /24 10.0.1.0-10.0.255.0 255x256")]
    public void IPv4_pool_is_what_flannel_makes_of_it(string text, string expected) =>
        Assert.Equal(expected, Show(NetConf.Parse(text).IPv4));

    [Theory]
    [InlineData("\"IPv6Network\":\"fc00::/48\"", "fc00::/48 /64 fc00:0:0:1::-fc00:0:0:ffff:: 65535x18446744073709551616")]
    [InlineData("\"IPv6Network\":\"fc00::/62\"", "fc00::/62 /64 fc00:0:0:1::-fc00:0:0:3:: 3x18446744073709551616")]
    [InlineData("\"IPv6Network\":\"fc00::/63\"", "fc00::/63 /65 fc00::8000:0:0:0-fc00:0:0:1:8000:: 3x9223372036854775808")]
    [InlineData("\"IPv6Network\":\"fc00::/124\"", "fc00::/124 /126 fc00::4-fc00::c 3x4")]
    [InlineData("\"ipv6network\":\"fc00::9/48\",\"IPv6SubnetMin\":\"::\"", "fc00::/48 /64 fc00:0:0:1::-fc00:0:0:ffff:: 65535x18446744073709551616")]
    [InlineData(
        "\"IPv6Network\":\"fc00::/48\",\"IPv6SubnetLen\":56,\"IPv6SubnetMin\":\"fc00::\",\"IPv6SubnetMax\":\"fc00:0:0:200::\"",
        "fc00::/48 /56 fc00::-fc00:0:0:200:: 3x4722366482869645213696")]
    public void IPv6_pool_follows_the_same_rules(string fields, string expected)
    {
        var config = NetConf.Parse($"{{\"EnableIPv4\":false,\"EnableIPv6\":true,{fields}}}");
        Assert.Null(config.IPv4);
        Assert.Equal(expected, Show(config.IPv6));
    }

    [Theory]
    [InlineData("", """{"type":"vxlan","vni":1,"port":8472,"mtu":0,"gbp":false,"learning":false,"directRouting":false}""")]
    [InlineData(
        ""","Backend":{"type":"VXLAN","vni":16777215,"PORT":0,"mtu":1400,"gbp":true,"Learning":true,"DirectRouting":true}""",
        """{"type":"vxlan","vni":16777215,"port":8472,"mtu":1400,"gbp":true,"learning":true,"directRouting":true}""")]
    [InlineData(""","Backend":{"Type":"host-gw"}""", """{"type":"host-gw"}""")]
    [InlineData(""","Backend":{"Type":"udp"}""", """{"type":"udp","port":8285,"encryption":null}""")]
    [InlineData(
        ""","Backend":{"Type":"udp","Encryption":"aes-256-gcm","Port":null}""",
        """{"type":"udp","port":8285,"encryption":"aes-256-gcm"}""")]
    [InlineData(""","Backend":{"Type":"ipip","DirectRouting":true}""", """{"type":"ipip","directRouting":true}""")]
    [InlineData(
        ""","Backend":{"Type":"wireguard","PSK":""}""",
        """{"type":"wireguard","psk":null,"listenPort":51820,"listenPortV6":51821,"mtu":0,"mode":"separate","persistentKeepaliveInterval":0}""")]
    [InlineData(
        ""","Backend":{"Type":"WireGuard","Mode":"ipv6","ListenPort":1,"ListenPortV6":65535,"MTU":1420,"PersistentKeepaliveInterval":25}""",
        """{"type":"wireguard","psk":null,"listenPort":1,"listenPortV6":65535,"mtu":1420,"mode":"ipv6","persistentKeepaliveInterval":25}""")]
    [InlineData(""","Backend":{"Type":"alloc"}""", """{"type":"alloc"}""")]
    [InlineData(
        ""","Backend":{"Type":"extension","PreStartupCommand":"cat /tmp/x","SubnetAddCommand":["ip","route add"],"SubnetRemoveCommand":""}""",
        """{"type":"extension","preStartupCommand":["cat","/tmp/x"],"postStartupCommand":null,"subnetAddCommand":["ip","route add"],"subnetRemoveCommand":null,"shutdownCommand":null,"commandTimeout":30}""")]
    [InlineData(
        ""","Backend":{"Type":"extension","SubnetAddCommand":" ip  route replace $SUBNET via ${PUBLIC_IP} ","CommandTimeout":5}""",
        """{"type":"extension","preStartupCommand":null,"postStartupCommand":null,"subnetAddCommand":["ip","route","replace","$SUBNET","via","${PUBLIC_IP}"],"subnetRemoveCommand":null,"shutdownCommand":null,"commandTimeout":5}""")]
    [InlineData(""","Backend":{"Type":"aws-vpc"}""", """{"type":"aws-vpc","routeTableID":[]}""")]
    [InlineData(""","Backend":{"Type":"aws-vpc","RouteTableID":"rtb-1"}""", """{"type":"aws-vpc","routeTableID":["rtb-1"]}""")]
    [InlineData(""","Backend":{"Type":"aws-vpc","RouteTableID":["rtb-2","rtb-1","rtb-2"]}""", """{"type":"aws-vpc","routeTableID":["rtb-1","rtb-2"]}""")]
    [InlineData(""","Backend":{"Type":"gce"}""", """{"type":"gce"}""")]
    [InlineData(""","Backend":{"Type":"auto"}""", """{"type":"auto"}""")]
    public void Back_end_options_have_their_defaults(string backEnd, string expected)
    {
        string json = NetConf.ToEffectiveJson(NetConf.Parse($"{{{Net}{backEnd}}}"), indented: false);
        Assert.Contains($"\"backend\":{expected},\"masqExclude\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Masquerade_exclusions_lose_host_bits_order_and_repetition()
    {
        var config = NetConf.Parse("{" + Net + ""","MasqExclude":["fd00::1/8","192.168.1.1/16","10.0.0.0/8","10.9.9.9/8"]}""");
        Assert.Equal("[10.0.0.0/8, 192.168.0.0/16, fd00::/8]", config.MasqExclude.ToString());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(""","Comment":"x","ANOTHER":{}""", "ANOTHER, Comment: not known, no effect.")]
    [InlineData(""","IPv6Network":"fc00::/48" """, "IPv6Network fc00::/48: has no effect because EnableIPv6 is false.")]
    public void What_has_no_effect_is_warned_about(string more, string expected)
    {
        NetConf.Parse($"{{{Net}{more}}}", out var warnings);
        Assert.Equal(expected, string.Join('\n', warnings));
    }

    [Fact]
    public void Many_unknown_keys_make_one_short_warning()
    {
        string keys = string.Concat(Enumerable.Range(0, 5000).Select(i => $",\"k{i}\":{i}"));
        NetConf.Parse($"{{{Net}{keys}}}", out var warnings);
        Assert.EndsWith("and 4990 more: not known, no effect.", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static string Show(SubnetPool? pool) => pool is null ? "none" : string.Create(
        CultureInfo.InvariantCulture,
        $"{pool.Network} /{pool.SubnetLength} {pool.First}-{pool.Last} {pool.Count}x{pool.AddressesPerSubnet}");
}
