using System.Text.Json;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Network;

public class NetConfSecretSpecs
{
    private const string Secret = "kJ5Zr3o6fPqN0yT1uWvXx2AaBbCcDdEeFfGgHh+/8Mk=";

    private static readonly NetworkConfig Config = NetConf.Parse(Text(Secret));

    [Fact]
    public void A_preshared_key_shows_in_nothing_that_people_read()
    {
        Assert.DoesNotContain(Secret[..8], Config.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[..8], NetConf.ToEffectiveJson(Config), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[..8], JsonSerializer.Serialize((WireGuardConfig)Config.BackEnd), StringComparison.Ordinal);
        Assert.Contains("\"psk\": \"(set)\"", NetConf.ToEffectiveJson(Config), StringComparison.Ordinal);
    }

    [Fact]
    public void A_preshared_key_survives_in_what_hosts_exchange()
    {
        Assert.Contains($"\"PSK\":\"{Secret}\"", NetConf.ToFlannelJson(Config), StringComparison.Ordinal);
        Assert.Equal(Config, NetConf.Parse(NetConf.ToFlannelJson(Config)));
        Assert.Equal(Convert.FromBase64String(Secret), ((WireGuardConfig)Config.BackEnd).Psk!.ToBytes());
        Assert.NotEqual(NetConf.Fingerprint(Config), NetConf.Fingerprint(NetConf.Parse(Text(Secret.Replace('k', 'l')))));
    }

    [Theory]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"PSK\":\"X" + Secret + "\"}}")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"PSK\":[\"" + Secret + "\"]}}")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"PSK\":\"" + Secret + "\",\"psk\":\"" + Secret + "\"}}")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"Key\":\"" + Secret + "\"}}")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":[{\"Type\":\"wireguard\",\"PSK\":\"" + Secret + "\"}]}")]
    [InlineData("[{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"PSK\":\"" + Secret + "\"}}]")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"PSK\":\"" + Secret + "\"")]
    [InlineData("{\"Network\":\"10.0.0.0/16\",\"Backend\":{\"Type\":\"wireguard\",\"PSK\":t" + Secret + "}}")]
    public void A_refusal_does_not_repeat_a_secret(string text)
    {
        var error = Assert.Throws<NetConfException>(() => NetConf.Parse(text));
        Assert.DoesNotContain(Secret[..8], error.ToString(), StringComparison.Ordinal);
    }

    private static string Text(string psk) => $$$"""{"Network":"10.0.0.0/16","Backend":{"Type":"wireguard","PSK":"{{{psk}}}"}}""";
}
