using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaOverlay.Node.Docker;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>Three keys of daemon.json are ours, and every other octet is not.</summary>
public sealed class DaemonJsonSpecs
{
    private static readonly DockerOptions Options = new("10.244.3.1/24", 1450, IpMasq: false);

    [Theory]
    [InlineData("", "{\n  \"bip\": \"10.244.3.1/24\",\n  \"mtu\": 1450,\n  \"ip-masq\": false\n}\n")]
    [InlineData("{}", "{\n  \"bip\": \"10.244.3.1/24\",\n  \"mtu\": 1450,\n  \"ip-masq\": false\n}")]
    [InlineData("{\n}\n", "{\n  \"bip\": \"10.244.3.1/24\",\n  \"mtu\": 1450,\n  \"ip-masq\": false\n}\n")]
    [InlineData("{\n\t\"debug\": true\n}\n", "{\n\t\"debug\": true,\n\t\"bip\": \"10.244.3.1/24\",\n\t\"mtu\": 1450,\n\t\"ip-masq\": false\n}\n")]
    [InlineData("{\"debug\":true}\n", "{\"debug\":true, \"bip\": \"10.244.3.1/24\", \"mtu\": 1450, \"ip-masq\": false}\n")]
    [InlineData(
        "{ \"mtu\" : 9000,\n    \"dns\": [ \"192.0.2.53\" ],   \"bip\":\"10.0.0.1/24\" ,\n    \"labels\": [\"b\",\"a\"] }\n\n",
        "{ \"mtu\" : 1450,\n    \"dns\": [ \"192.0.2.53\" ],   \"bip\":\"10.244.3.1/24\" ,\n    \"labels\": [\"b\",\"a\"],\n  \"ip-masq\": false }\n\n")]
    [InlineData(
        "{\n  \"ip-masq\": true,\n  \"mtu\": 1e3,\n  \"bip\": \"x\",\n  \"log-opts\": { \"mtu\": \"inner\", \"bip\": 1 }\n}\n",
        "{\n  \"ip-masq\": false,\n  \"mtu\": 1450,\n  \"bip\": \"10.244.3.1/24\",\n  \"log-opts\": { \"mtu\": \"inner\", \"bip\": 1 }\n}\n")]
    [InlineData("{\r\n  \"name\": \"gr\u00fc\u00df\"\r\n}\r\n", "{\r\n  \"name\": \"gr\u00fc\u00df\",\n  \"bip\": \"10.244.3.1/24\",\n  \"mtu\": 1450,\n  \"ip-masq\": false\r\n}\r\n")]
    public void Ours_are_set_where_they_stand_or_put_behind_the_others(string before, string after)
    {
        Assert.Equal(after, DaemonJson.Set(before, Options));
        Assert.Equal(after, DaemonJson.Set(after, Options));
    }

    [Fact]
    public void Of_ip_masq_nothing_is_said_where_nothing_shall_be_said() => Assert.Equal(
        "{\"ip-masq\": true, \"bip\": \"10.244.3.1/24\", \"mtu\": 1450}", DaemonJson.Set("{\"ip-masq\": true}", Options with { IpMasq = null }));

    [Fact]
    public void All_other_keys_keep_order_and_value()
    {
        const string before = """{"z":1.0,"a":[1,{"bip":2}],"mtu":1,"exec-opts":["x"],"n":null,"big":123456789012345678901234567890}""";
        var was = JsonDocument.Parse(before).RootElement.EnumerateObject().Where(one => one.Name != "mtu").Select(one => (one.Name, one.Value.GetRawText()));
        var isNow = JsonDocument.Parse(DaemonJson.Set(before, Options)).RootElement.EnumerateObject().Where(one => one.Name is not ("mtu" or "bip" or "ip-masq")).Select(one => (one.Name, one.Value.GetRawText()));
        Assert.Equal(was, isNow);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("{\"debug\": true,}", "not JSON")]
    [InlineData("// no comments\n{}", "not JSON")]
    [InlineData("{} {}", "not JSON")]
    [InlineData("\ufeff{}", "not JSON")]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("7", "it is not a JSON object")]
    [InlineData("{\"mtu\": \"1450\"}", "mtu must be a number")]
    [InlineData("{\"bip\": null}", "bip must be a string")]
    [InlineData("{\"ip-masq\": 1}", "ip-masq must be a boolean")]
    [InlineData("{\"bip\": {\"a\": 1}}", "bip must be a string")]
    [InlineData("{\"bip\": \"a\", \"bip\": \"b\"}", "bip is there twice")]
    public void What_is_broken_is_refused_in_one_line(string text, string expected)
    {
        string message = Assert.Throws<FormatException>(() => DaemonJson.Set(text, Options)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Whatever_the_layout_it_says_what_it_has_to()
    {
        foreach (string layout in new[] { "{}", " { } ", "{\"a\":{}}", "{\n\"a\":\n[\n]\n}", "{\"mtu\":0}", "{\"a\":1,\n\n\n  \"bip\":\"\"\n\n}\n" })
        {
            var set = JsonNode.Parse(DaemonJson.Set(layout, Options))!.AsObject();
            Assert.Equal(("10.244.3.1/24", 1450, false), (set["bip"]!.GetValue<string>(), set["mtu"]!.GetValue<int>(), set["ip-masq"]!.GetValue<bool>()));
        }
    }
}
