using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Network;

public class RefusedNetConfSpecs
{
    private const string Known = "alloc, auto, aws-vpc, extension, gce, host-gw, ipip, udp, vxlan, wireguard";

    [Theory]
    [InlineData("", "net-conf line 1, octet 1: must be JSON: one object, nothing after it, no comments, nested 16 deep at most.")]
    [InlineData("[{}]", "net-conf [...]: must be a JSON object")]
    [InlineData("\"x\"", "net-conf \"x\": must be a JSON object")]
    [InlineData("{\"Network\":\"10.0.0.0/16\"} x", "net-conf line 1, octet 27: must be JSON: one object, nothing after it")]
    [InlineData("{\"Network\":\"10.0.0.0/16\"}{}", "net-conf line 1, octet 26: must be JSON: one object, nothing after it")]
    [InlineData("{\n\"Network\":\"10.0.0.0/16\",}", "net-conf line 2, octet 25: must be JSON")]
    [InlineData("{\"Network\":\"10.0.0.0/16\" /* x */}", "octet 26: must be JSON: one object, nothing after it, no comments")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"network\":\"10.0.0.0/16\"}", "network: is also given as Network; upper and lower case")]
    [InlineData("{\"Network\":\"\\ud800\"}", "Network: must be Unicode text")]
    [InlineData("{\"\\ud800\":1}", "?: must be Unicode text")]
    public void Text_that_is_not_one_object(string text, string expected) => AssertRefused(text, expected);

    [Theory]
    [InlineData("", "Network absent: must be given when EnableIPv4 is true")]
    [InlineData("'Network':null", "Network absent: must be given when EnableIPv4 is true")]
    [InlineData("'Network':'10.0.0.0'", "Network \"10.0.0.0\": must be an IPv4 network such as 10.244.0.0/16.")]
    [InlineData("'Network':'10.0.0.0/33'", "Network \"10.0.0.0/33\": must be an IPv4 network")]
    [InlineData("'Network':'10.1/16'", "Network \"10.1/16\": must be an IPv4 network")]
    [InlineData("'Network':'fc00::/48'", "Network \"fc00::/48\": must be an IPv4 network")]
    [InlineData("'Network':10", "Network 10: must be an IPv4 network")]
    [InlineData("'Network':'0.0.0.0/0'", "Network 0.0.0.0/0: must not be the whole address space")]
    [InlineData("'Network':'0.0.0.0/8'", "Network 0.0.0.0/8: must not overlap 0.0.0.0/8, which is this host on this network")]
    [InlineData("'Network':'127.1.0.0/16'", "Network 127.1.0.0/16: must not overlap 127.0.0.0/8, which is loopback")]
    [InlineData("'Network':'169.254.0.0/16'", "Network 169.254.0.0/16: must not overlap 169.254.0.0/16, which is link-local")]
    [InlineData("'Network':'224.0.0.0/4'", "Network 224.0.0.0/4: must not overlap 224.0.0.0/4, which is multicast")]
    [InlineData("'Network':'128.0.0.0/1'", "Network 128.0.0.0/1: must not overlap 169.254.0.0/16, which is link-local")]
    [InlineData("'Network':'10.0.0.0/29'", "Network 10.0.0.0/29: is too small; the prefix must be /28 or shorter")]
    [InlineData("'Network':'10.0.0.0/29','SubnetLen':30", "SubnetLen 30: must be 31 or more: Network 10.0.0.0/29 must hold four subnets")]
    [InlineData("'Network':'10.0.0.0/16','SubnetLen':17", "SubnetLen 17: must be 18 or more: Network 10.0.0.0/16 must hold four subnets")]
    [InlineData("'Network':'10.0.0.0/30','SubnetLen':31", "SubnetLen 31: must be a whole number, 0 to 30")]
    [InlineData("'Network':'10.0.0.0/16','SubnetLen':-1", "SubnetLen -1: must be a whole number, 0 to 30")]
    [InlineData("'Network':'10.0.0.0/16','SubnetLen':24.0", "SubnetLen 24.0: must be a whole number, 0 to 30")]
    [InlineData("'Network':'10.0.0.0/16','SubnetLen':'24'", "SubnetLen \"24\": must be a whole number, 0 to 30")]
    [InlineData("'Network':'10.0.0.0/16','SubnetLen':1e99", "SubnetLen 1e99: must be a whole number, 0 to 30")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':'10.1.0.0'", "SubnetMin 10.1.0.0: must be in the range of Network 10.0.0.0/16")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMax':'9.0.0.0'", "SubnetMax 9.0.0.0: must be in the range of Network 10.0.0.0/16")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':'10.0.9.1','SubnetMax':'9.0.0.0'", "SubnetMax 9.0.0.0: must be in the range")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':'10.0.9.1'", "SubnetMin 10.0.9.1: must be the first address of a subnet (SubnetLen 24), for example 10.0.9.0.")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMax':'10.0.9.1'", "SubnetMax 10.0.9.1: must be the first address of a subnet (SubnetLen 24)")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':'10.0.9.0','SubnetMax':'10.0.8.0'", "SubnetMin 10.0.9.0: must not be greater than SubnetMax 10.0.8.0")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMax':'10.0.0.0'", "SubnetMin 10.0.1.0 (default): must not be greater than SubnetMax 10.0.0.0")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':'10.0.9'", "SubnetMin \"10.0.9\": must be an IPv4 address such as")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':'fc00::'", "SubnetMin \"fc00::\": must be an IPv4 address such as")]
    [InlineData("'Network':'10.0.0.0/16','SubnetMin':{'a':1}", "SubnetMin {...}: must be an IPv4 address such as")]
    [InlineData("'Network':'10.0.0.0/16','IPv6Network':'10.0.0.0/8'", "IPv6Network \"10.0.0.0/8\": must be an IPv6 network")]
    [InlineData("'Network':'10.0.0.0/16','EnableIPv4':'yes'", "EnableIPv4 \"yes\": must be true or false")]
    [InlineData("'Network':'10.0.0.0/16','EnableNFTables':1", "EnableNFTables 1: must be true or false")]
    [InlineData("'EnableIPv4':false", "EnableIPv4 false: must not be false together with EnableIPv6")]
    [InlineData("'Network':'10.0.0.0/16','MasqExclude':'10.0.0.0/8'", "MasqExclude \"10.0.0.0/8\": must be a list of networks")]
    [InlineData("'Network':'10.0.0.0/16','MasqExclude':['10.0.0.0']", "MasqExclude \"10.0.0.0\": must be a list of networks")]
    [InlineData("'Network':'10.0.0.0/16','MasqExclude':[null]", "MasqExclude null: must be a list of networks")]
    public void IPv4_and_general_rules(string fields, string expected) => AssertRefused($"{{{fields.Replace('\'', '"')}}}", expected);

    [Theory]
    [InlineData("", "IPv6Network absent: must be given when EnableIPv6 is true, for example fd00:10:244::/48")]
    [InlineData("'IPv6Network':'10.0.0.0/8'", "IPv6Network \"10.0.0.0/8\": must be an IPv6 network such as")]
    [InlineData("'IPv6Network':'::/0'", "IPv6Network ::/0: must not be the whole address space")]
    [InlineData("'IPv6Network':'::/64'", "IPv6Network ::/64: must not overlap ::/127, which is unspecified and loopback")]
    [InlineData("'IPv6Network':'::ffff:0:0/96'", "must not overlap ::ffff:0:0/96, which is IPv4-mapped")]
    [InlineData("'IPv6Network':'fe80::/64'", "IPv6Network fe80::/64: must not overlap fe80::/10, which is link-local")]
    [InlineData("'IPv6Network':'ff02::/16'", "IPv6Network ff02::/16: must not overlap ff00::/8, which is multicast")]
    [InlineData("'IPv6Network':'fc00::/125'", "IPv6Network fc00::/125: is too small; the prefix must be /124 or shorter")]
    [InlineData("'IPv6Network':'fc00::/48','IPv6SubnetLen':127", "IPv6SubnetLen 127: must be a whole number, 0 to 126")]
    [InlineData("'IPv6Network':'fc00::/48','IPv6SubnetLen':49", "IPv6SubnetLen 49: must be 50 or more: IPv6Network fc00::/48")]
    [InlineData("'IPv6Network':'fc00::/48','IPv6SubnetMin':'fd00::'", "IPv6SubnetMin fd00::: must be in the range of IPv6Network fc00::/48")]
    [InlineData("'IPv6Network':'fc00::/48','IPv6SubnetMax':'fc00::1'", "IPv6SubnetMax fc00::1: must be the first address of a subnet (IPv6SubnetLen 64)")]
    [InlineData("'IPv6Network':'fc00::/48','IPv6SubnetMin':'fc00:0:0:2::','IPv6SubnetMax':'fc00:0:0:1::'", "IPv6SubnetMin fc00:0:0:2::: must not be greater than IPv6SubnetMax fc00:0:0:1::")]
    [InlineData("'IPv6Network':'fc00::/48','IPv6SubnetMin':'fc00::%eth0'", "IPv6SubnetMin \"fc00::%eth0\": must be an IPv6 address such as")]
    [InlineData("'IPv6Network':'fc00::/48','Backend':{'Type':'vxlan','MTU':1300}", "Backend.MTU 1300: must be 0 or at least 1350 when EnableIPv6 is true")]
    [InlineData("'IPv6Network':'fc00::/48','Backend':{'Type':'wireguard','MTU':1359}", "Backend.MTU 1359: must be 0 or at least 1360")]
    [InlineData("'IPv6Network':'fc00::/48','Backend':{'Type':'wireguard','ListenPort':51821}", "Backend.ListenPortV6 51821: must differ from ListenPort")]
    public void IPv6_rules(string fields, string expected)
    {
        string rest = fields.Length == 0 ? "" : "," + fields.Replace('\'', '"');
        AssertRefused($"{{\"EnableIPv6\":true,\"Network\":\"10.0.0.0/8\"{rest}}}", expected);
    }

    [Theory]
    [InlineData("null", "Backend null: must be an object with a Type")]
    [InlineData("{}", "Backend {}: must not be empty; give a Type (" + Known + ")")]
    [InlineData("'udp'", "Backend \"udp\": must be a JSON object")]
    [InlineData("[1]", "Backend [...]: must be a JSON object")]
    [InlineData("{'Port':1}", "Backend.Type absent: must be one of " + Known)]
    [InlineData("{'Type':null}", "Backend.Type absent: must be one of " + Known)]
    [InlineData("{'Type':1}", "Backend.Type 1: must be a string")]
    [InlineData("{'Type':''}", "Backend.Type \"\": is not a known back end; must be one of " + Known)]
    [InlineData("{'Type':'Geneve'}", "Backend.Type \"geneve\": is not a known back end; must be one of " + Known)]
    [InlineData("{'Type':'IPsec'}", "Backend.Type ipsec: is a back end of flannel that akka-overlay does not have; use one of " + Known)]
    [InlineData("{'Type':'tencent-vpc'}", "Backend.Type tencent-vpc: is a back end of flannel that akka-overlay does not have")]
    [InlineData("{'Type':'vxlan','VNId':1}", "Backend.VNId: is not an option of back end vxlan, which has Type, Port, VNI, MTU, GBP, Learning, DirectRouting")]
    [InlineData("{'Type':'host-gw','Port':1}", "Backend.Port: is not an option of back end host-gw, which has Type.")]
    [InlineData("{'Type':'vxlan','VNI':1,'vni':2}", "Backend.vni: is also given as Backend.VNI")]
    [InlineData("{'Type':'vxlan','VNI':0}", "Backend.VNI 0: must be a whole number, 1 to 16777215")]
    [InlineData("{'Type':'vxlan','VNI':16777216}", "Backend.VNI 16777216: must be a whole number, 1 to 16777215")]
    [InlineData("{'Type':'vxlan','Port':65536}", "Backend.Port 65536: must be a whole number, 0 or 1 to 65535")]
    [InlineData("{'Type':'vxlan','MTU':575}", "Backend.MTU 575: must be a whole number, 0 or 576 to 65535")]
    [InlineData("{'Type':'vxlan','GBP':'true'}", "Backend.GBP \"true\": must be true or false")]
    [InlineData("{'Type':'udp','Port':0}", "Backend.Port 0: must be a whole number, 1 to 65535")]
    [InlineData("{'Type':'udp','Encryption':'rot13'}", "Backend.Encryption \"rot13\": must be \"aes-256-gcm\", or be left out for none")]
    [InlineData("{'Type':'wireguard','Mode':'both'}", "Backend.Mode \"both\": must be one of separate, auto, ipv4, ipv6")]
    [InlineData("{'Type':'wireguard','PersistentKeepaliveInterval':65536}", "Backend.PersistentKeepaliveInterval 65536: must be a whole number, 0 to 65535")]
    [InlineData("{'Type':'wireguard','PSK':'c2hvcnQ='}", "Backend.PSK (hidden): must be a string, the base64 of 32 octets")]
    [InlineData("{'Type':'wireguard','PSK':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}", "all zeroes is none: leave the option out")]
    [InlineData("{'Type':'extension','SubnetAddCommand':[]}", "Backend.SubnetAddCommand []: must be a list of a program")]
    [InlineData("{'Type':'extension','SubnetAddCommand':['']}", "Backend.SubnetAddCommand [...]: must be a list of a program")]
    [InlineData("{'Type':'extension','SubnetAddCommand':['a',1]}", "Backend.SubnetAddCommand 1: must be a list of a program")]
    [InlineData("{'Type':'extension','SubnetAddCommand':'a\\u0000b'}", "Backend.SubnetAddCommand \"a\\u0000b\": must be a list of a program")]
    [InlineData("{'Type':'extension','ShutdownCommand':'a; b'}", "Backend.ShutdownCommand \"a; b\": has ';', and no shell runs: write a list")]
    [InlineData("{'Type':'aws-vpc','RouteTableID':[' ']}", "Backend.RouteTableID [...]: must be the ID of a route table")]
    public void Back_end_rules(string backEnd, string expected) =>
        AssertRefused($"{{\"Network\":\"10.0.0.0/16\",\"Backend\":{backEnd.Replace('\'', '"')}}}", expected);

    [Fact]
    public void Half_a_surrogate_pair() => AssertRefused("{\"x\":\"\ud800\"}", "net-conf: must be Unicode text");

    [Fact]
    public void Nesting_and_size_have_an_end()
    {
        AssertRefused($"{{\"x\":{new string('[', 100_000)}", "net-conf line 1, octet");
        AssertRefused(new string(' ', NetConf.MaxSize + 1), $"net-conf: must not be larger than {NetConf.MaxSize} octets");
        AssertRefused($"{{\"x\":\"{new string('é', NetConf.MaxSize / 2)}\"}}", $"must not be larger than {NetConf.MaxSize} octets");
    }

    [Fact]
    public void What_a_file_says_cannot_write_to_the_terminal()
    {
        var error = Assert.Throws<NetConfException>(() => NetConf.Parse("{\"\\u001b[2J\\n\\u202e\":1,\"\\u001b[2J\\n\\u202e\":1}"));
        Assert.StartsWith("\\u001b[2J\\u000a\\u202e: is also given as", error.Message, StringComparison.Ordinal);
        var tooLong = Assert.Throws<NetConfException>(() => NetConf.Parse($"{{\"Network\":\"{new string('9', 10_000)}\"}}"));
        Assert.InRange(tooLong.Message.Length, 80, 200);
    }

    private static void AssertRefused(string text, string expected)
    {
        var error = Assert.Throws<NetConfException>(() => NetConf.Parse(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain('\r', error.Message);
    }
}
