using System.Text;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Network;

public class NetConfOutputSpecs
{
    [Fact]
    public void Effective_configuration_of_the_seed_example()
    {
        var config = NetConf.Load(Example("net-conf-seed-example.json"), out var warnings);
        Assert.Empty(warnings);
        Assert.Equal(
            """
            {
              "network": "10.0.0.0/8",
              "subnetLen": 20,
              "subnetMin": "10.10.0.0",
              "subnetMax": "10.99.0.0",
              "subnetCount": 1425,
              "addressesPerSubnet": 4096,
              "enableIPv4": true,
              "enableIPv6": false,
              "enableNFTables": false,
              "backend": {
                "type": "udp",
                "port": 7890,
                "encryption": null
              },
              "masqExclude": []
            }
            """,
            NetConf.ToEffectiveJson(config));
    }

    [Fact]
    public void Effective_configuration_without_IPv4_has_only_IPv6_keys()
    {
        var config = NetConf.Parse("""{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd00::/8","Backend":{"Type":"host-gw"}}""");
        Assert.Equal(
            """
            {
              "ipv6Network": "fd00::/8",
              "ipv6SubnetLen": 64,
              "ipv6SubnetMin": "fd00:0:0:1::",
              "ipv6SubnetMax": "fdff:ffff:ffff:ffff::",
              "ipv6SubnetCount": 72057594037927935,
              "ipv6AddressesPerSubnet": 18446744073709551616,
              "enableIPv4": false,
              "enableIPv6": true,
              "enableNFTables": false,
              "backend": {
                "type": "host-gw"
              },
              "masqExclude": []
            }
            """,
            NetConf.ToEffectiveJson(config));
    }

    /// <summary>The ledger keeps this text and hosts compare its hash: a change here needs a new version of the configuration.</summary>
    [Fact]
    public void Canonical_text_and_fingerprint_of_the_shipped_file_do_not_change()
    {
        var config = NetConf.Load(Example("net-conf.json"), out var warnings);
        Assert.Empty(warnings);
        Assert.Equal(
            "{'EnableIPv4':true,'EnableIPv6':false,'EnableNFTables':false,'Network':'10.244.0.0/16','SubnetLen':24,"
            + "'SubnetMin':'10.244.1.0','SubnetMax':'10.244.255.0','Backend':{'Type':'vxlan','VNI':1,'Port':8472,'MTU':0,"
            + "'GBP':false,'Learning':false,'DirectRouting':false},'MasqExclude':[]}",
            NetConf.ToFlannelJson(config).Replace('"', '\''));
        Assert.Equal("c64c0b1b214a82b91c5e4b5053ba6f24130738f8d56689d38a2d3d1dbf16324b", NetConf.Fingerprint(config));
    }

    [Theory]
    [InlineData("""{"Network":"10.244.9.9/16"}""")]
    [InlineData("""{"network":"10.244.0.0/16","backend":{"TYPE":"VxLAN","port":0,"vni":1}}""")]
    [InlineData("""{"SubnetMax":"10.244.255.0","SubnetMin":"0.0.0.0","SubnetLen":24,"EnableIPv4":true,"Comment":1,"Network":"10.244.0.0/16"}""")]
    public void Files_that_mean_the_same_have_one_fingerprint(string text)
    {
        var shipped = NetConf.Load(Example("net-conf.json"), out _);
        Assert.Equal(shipped, NetConf.Parse(text));
        Assert.Equal(NetConf.Fingerprint(shipped), NetConf.Fingerprint(NetConf.Parse(text)));
    }

    [Fact]
    public void Files_are_read_with_a_byte_order_mark_and_refused_when_not_UTF8_or_endless()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{"Network":"10.244.0.0/16"}""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            Assert.Equal(255u, NetConf.Load(path, out _).IPv4!.Count);
            File.WriteAllBytes(path, [(byte)'{', 0xFF]);
            Assert.Equal("net-conf octet 1: must be UTF-8 text.", Assert.Throws<NetConfException>(() => NetConf.Load(path, out _)).Message);
        }
        finally
        {
            File.Delete(path);
        }
        var endless = Assert.Throws<NetConfException>(() => NetConf.Load("/dev/zero", out _));
        Assert.Equal("net-conf: must not be larger than 1048576 octets.", endless.Message);
    }

    private static string Example(string name)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "AkkaOverlay.sln")))
            directory = directory.Parent ?? throw new DirectoryNotFoundException("No AkkaOverlay.sln above the tests.");
        return Path.Combine(directory.FullName, "config", name);
    }
}
