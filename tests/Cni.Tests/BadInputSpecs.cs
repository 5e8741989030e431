using System.Text;
using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni.Tests;

/// <summary>Every one gets an error in CNI's format, and nothing is made.</summary>
public sealed class BadInputSpecs : IDisposable
{
    private readonly Desk desk = new();

    public static TheoryData<string, string> Broken => new()
    {
        { "", "is empty" },
        { "{", "is not JSON" },
        { "rubbish", "is not JSON" },
        { "[]", "is no JSON object" },
        { "null", "is no JSON object" },
        { """{"cniVersion":"1.0.0","name":"a"} x""", "is not JSON" },
        { """{"cniVersion":"1.0.0","name":"a","name":"b"}""", "is not JSON" },
        { """{"cniVersion":"1.0.0","name":"a","x":"\ud800"}""", "half a surrogate pair" },
        { string.Concat(Enumerable.Repeat("""{"a":""", 100_000)), "is not JSON" },
        { new string('[', 1_000_000), "is not JSON" },
        { $$"""{"cniVersion":"1.0.0","name":"{{new string('a', 5 << 20)}}"}""", "is larger than 4 MiB" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_no_json_object(string input, string message)
    {
        foreach (string command in new[] { "ADD", "DEL", "CHECK", "GC", "STATUS" })
        {
            var answer = desk.CallWith(Encoding.UTF8.GetBytes(input), command);
            Assert.Equal(6, answer.Code);
            Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        }
        desk.MustBeUntouched();
    }

    [Fact]
    public void What_is_not_utf_8()
    {
        byte[] input = [.. """{"cniVersion":"1.0.0","name":"a","x":" """u8, 0xff, 0xfe, .. "\"}"u8];
        var answer = desk.CallWith(input);
        Assert.Equal(6, answer.Code);
        Assert.Contains("is not UTF-8", answer.Message, StringComparison.Ordinal);
        desk.MustBeUntouched();
    }

    [Theory]
    [InlineData("cniVersion", "null", 7, "cniVersion is missing")]
    [InlineData("cniVersion", "1", 7, "cniVersion 1 is wrong")]
    [InlineData("cniVersion", "\"0.1.0\"", 1, "cniVersion '0.1.0' is not supported supported are 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0")]
    [InlineData("cniVersion", "\"9\"", 1, "cniVersion '9' is not supported")]
    [InlineData("name", "null", 7, "name is missing")]
    [InlineData("name", "\"../x\"", 7, "name")]
    [InlineData("name", "\"\"", 7, "name")]
    [InlineData("delegate", "[]", 7, "delegate [...] is wrong it must be an object")]
    [InlineData("delegate", """{"name":"x"}""", 7, "delegate.name cannot be given")]
    [InlineData("delegate", """{"ipam":{}}""", 7, "delegate.ipam cannot be given")]
    [InlineData("delegate", """{"type":7}""", 7, "delegate.type 7 is wrong")]
    [InlineData("delegate", """{"type":"../bridge"}""", 7, "delegate.type")]
    [InlineData("delegate", """{"type":"akka-overlay-cni"}""", 7, "it must be another plugin than this")]
    [InlineData("ipam", "\"host-local\"", 7, "ipam \"host-local\" is wrong it must be an object")]
    [InlineData("ipam", """{"subnet":"10.0.0.0/8"}""", 7, "ipam.subnet cannot be given")]
    [InlineData("ipam", """{"routes":{}}""", 7, "ipam.routes {...} is wrong it must be a list")]
    [InlineData("subnetFile", "\"subnet.env\"", 7, "subnetFile \"subnet.env\" is wrong it must be an absolute path")]
    [InlineData("dataDir", "7", 7, "dataDir 7 is wrong it must be an absolute path")]
    [InlineData("delegateTimeout", "0", 7, "delegateTimeout 0 is wrong it must be a whole number of seconds, 1 to 600")]
    [InlineData("delegateTimeout", "1e99", 7, "delegateTimeout 1e99 is wrong")]
    public void A_wrong_option_is_named(string name, string value, int code, string message)
    {
        desk.Conf[name] = JsonNode.Parse(value);
        var answer = desk.Call();
        Assert.Equal(code, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        desk.MustBeUntouched();
    }

    [Theory]
    [InlineData("CNI_COMMAND", null, "CNI_COMMAND is missing")]
    [InlineData("CNI_COMMAND", "add", "CNI_COMMAND 'add' is none of")]
    [InlineData("CNI_CONTAINERID", null, "CNI_CONTAINERID is missing")]
    [InlineData("CNI_CONTAINERID", "", "CNI_CONTAINERID is missing")]
    [InlineData("CNI_CONTAINERID", "..", "CNI_CONTAINERID '..' must be")]
    [InlineData("CNI_CONTAINERID", "../../etc/passwd", "CNI_CONTAINERID '../../etc/passwd' must be")]
    [InlineData("CNI_CONTAINERID", "a/b", "CNI_CONTAINERID 'a/b' must be")]
    [InlineData("CNI_CONTAINERID", "a:b", "CNI_CONTAINERID 'a:b' must be")]
    [InlineData("CNI_CONTAINERID", "a\n", "CNI_CONTAINERID 'a?' must be")]
    [InlineData("CNI_CONTAINERID", "ä", "CNI_CONTAINERID 'ä' must be")]
    [InlineData("CNI_IFNAME", null, "CNI_IFNAME is missing")]
    [InlineData("CNI_IFNAME", "..", "CNI_IFNAME '..' must be")]
    [InlineData("CNI_IFNAME", "a/b", "CNI_IFNAME 'a/b' must be")]
    [InlineData("CNI_IFNAME", "a b", "CNI_IFNAME 'a b' must be")]
    [InlineData("CNI_IFNAME", "sixteen-letters-", "CNI_IFNAME 'sixteen-letters-' must be")]
    [InlineData("CNI_NETNS", null, "CNI_NETNS is missing")]
    [InlineData("CNI_PATH", null, "CNI_PATH is missing")]
    public void A_wrong_variable_is_named(string name, string? value, string message)
    {
        desk.Environment.Remove(name);
        if (value is not null)
            desk.Environment[name] = value;
        var answer = desk.Call();
        Assert.Equal(4, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        desk.MustBeUntouched();
    }

    [Theory]
    [InlineData("CHECK", "0.3.1")]
    [InlineData("GC", "1.0.0")]
    [InlineData("STATUS", "1.0.0")]
    public void A_command_that_the_version_does_not_have(string command, string version)
    {
        desk.Conf["cniVersion"] = version;
        var answer = desk.Call(command);
        Assert.Equal(1, answer.Code);
        Assert.Contains($"cniVersion {version} has no {command}", answer.Message, StringComparison.Ordinal);
        desk.MustBeUntouched();
    }

    [Theory]
    [InlineData(null, "is not there: the host has no subnet yet")]
    [InlineData("", "FLANNEL_SUBNET, FLANNEL_MTU, FLANNEL_IPMASQ are missing")]
    [InlineData("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MT", "FLANNEL_MTU, FLANNEL_IPMASQ are missing")]
    public void A_subnet_file_that_is_missing_or_half_written(string? content, string message)
    {
        if (content is null)
            File.Delete(desk.SubnetFile);
        else
            desk.WriteSubnet(content);
        var answer = desk.Call();
        Assert.Equal(11, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        desk.MustBeUntouched();
    }

    public void Dispose() => desk.Dispose();
}
