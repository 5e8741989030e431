using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni.Tests;

/// <summary>CNI 1.1 with delegates that know it, and with those that do not yet.</summary>
public sealed class Version11Specs : IDisposable
{
    private const string Result11 = """{"cniVersion":"1.1.0","ips":[{"address":"10.244.1.2/24"}]}""";

    private readonly Desk desk = new();

    public Version11Specs() => desk.Conf["cniVersion"] = "1.1.0";

    [Fact]
    public void A_delegate_that_knows_it_is_spoken_to_in_it()
    {
        desk.Fake("bridge", $"echo '{Result11}'", Desk.With11);
        Assert.Equal(Result11 + "\n", desk.Call().Output);
        Assert.Equal("1.1.0", desk.Given("ADD")["cniVersion"]!.GetValue<string>());
    }

    [Fact]
    public void One_that_does_not_is_spoken_to_in_the_version_before_and_the_runtime_sees_none_of_it()
    {
        var answer = desk.Call();
        Assert.Equal("1.0.0", desk.Given("ADD")["cniVersion"]!.GetValue<string>());
        Assert.Equal("1.1.0", answer.Json["cniVersion"]!.GetValue<string>());
        Assert.Equal("10.244.1.2/24", answer.Json["ips"]![0]!["address"]!.GetValue<string>());
        desk.Conf["prevResult"] = answer.Json.DeepClone();
        desk.Call("CHECK").MustBeSilentSuccess();
        Assert.Equal("1.0.0", desk.Given("CHECK")["prevResult"]!["cniVersion"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gc_deletes_what_is_not_in_the_list_and_passes_it_on_to_who_knows_it(bool knows)
    {
        desk.Fake("bridge", $"echo '{Result11}'", knows ? Desk.With11 : Desk.Before11);
        desk.Call();
        Add("c2", "eth0");
        Add("c2", "eth1");
        string unfinished = Path.Combine(Path.GetDirectoryName(desk.StateFile)!, ":4711");
        File.WriteAllText(unfinished, "{");
        Collect(("c2", "eth0"), ("c9", "eth0")).MustBeSilentSuccess();
        Assert.Equal(["c2:eth0"], States());
        Assert.False(File.Exists(unfinished));
        string[] deleted = ["ADD", "ADD", "ADD", "DEL", "DEL"];
        Assert.Equal(knows ? [.. deleted, "GC"] : deleted, desk.Commands);
        var environment = desk.GivenEnvironment("DEL");
        Assert.DoesNotContain(environment, line => line.StartsWith("CNI_NETNS=", StringComparison.Ordinal));
        Assert.Contains(environment, line => line is "CNI_CONTAINERID=c1" or "CNI_CONTAINERID=c2");
        if (knows)
            Assert.Equal(2, desk.Given("GC")["cni.dev/valid-attachments"]!.AsArray().Count);
    }

    /// <summary>Another network's containers are not this one's garbage.</summary>
    [Fact]
    public void Gc_of_one_network_leaves_another_alone()
    {
        desk.Call();
        desk.Conf["name"] = "net2";
        Collect().MustBeSilentSuccess();
        Assert.True(File.Exists(desk.StateFile));
    }

    /// <summary>As Go writes a list of none: every container is gone.</summary>
    [Fact]
    public void Gc_with_null_for_a_list_collects_everything()
    {
        desk.Fake("bridge", $"echo '{Result11}'", Desk.With11);
        desk.Call();
        desk.Conf["cni.dev/valid-attachments"] = null;
        desk.Call("GC").MustBeSilentSuccess();
        Assert.Equal(["ADD", "DEL", "GC"], desk.Commands);
        Assert.Empty(desk.Given("GC")["cni.dev/valid-attachments"]!.AsArray());
        Assert.Empty(States());
    }

    /// <summary>A power cut leaves an empty file: the address that the delegate holds must not be lost with it.</summary>
    [Fact]
    public void Gc_of_what_has_a_broken_state_gives_its_address_back()
    {
        desk.Call();
        File.WriteAllText(desk.StateFile, "");
        Collect().MustBeSilentSuccess();
        Assert.Equal(["ADD", "DEL"], desk.Commands);
        Assert.Equal("10.244.1.0/24", desk.Given("DEL")["ipam"]!["ranges"]![0]![0]!["subnet"]!.GetValue<string>());
        Assert.Empty(States());
    }

    [Fact]
    public void Gc_that_cannot_tell_what_the_address_was_keeps_the_state()
    {
        desk.Call();
        File.WriteAllText(desk.StateFile, "");
        File.Delete(desk.SubnetFile);
        Assert.Equal(11, Collect().Code);
        Assert.Equal(["c1:eth0"], States());
        Assert.Equal(["ADD"], desk.Commands);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[7]")]
    [InlineData("""[{"containerID":"c1"}]""")]
    [InlineData("""[{"containerID":"c1","ifname":"eth0"},{"containerID":null,"ifname":"eth0"}]""")]
    public void Gc_without_a_list_that_can_be_read_removes_nothing(string list)
    {
        desk.Call();
        desk.Conf["cni.dev/valid-attachments"] = JsonNode.Parse(list);
        Assert.Equal(7, desk.Call("GC").Code);
        Assert.Equal(["ADD"], desk.Commands);
        Assert.True(File.Exists(desk.StateFile));
    }

    [Fact]
    public void Gc_without_any_list_removes_nothing()
    {
        desk.Call();
        Assert.Equal(7, desk.Call("GC").Code);
        Assert.True(File.Exists(desk.StateFile));
    }

    [Fact]
    public void Gc_goes_on_behind_one_that_fails_and_reports_it()
    {
        desk.Call();
        Add("c2", "eth0");
        Add("c3", "eth0");
        desk.Fake("bridge", """if [ $CNI_CONTAINERID = c2 ]; then echo '{"cniVersion":"1.0.0","code":11,"msg":"busy"}'; exit 1; fi""");
        Assert.Equal(11, Collect().Code);
        Assert.Equal(["c2:eth0"], States());
    }

    [Fact]
    public void Status_is_good_with_a_subnet_and_a_delegate()
    {
        desk.Call("STATUS").MustBeSilentSuccess();
        Assert.Empty(desk.Commands);
        desk.Fake("bridge", """echo '{"cniVersion":"1.1.0","code":50,"msg":"not now"}'; exit 1""", Desk.With11);
        Assert.Equal(50, desk.Call("STATUS").Code);
        Assert.Equal("10.244.1.0/24", desk.Given("STATUS")["ipam"]!["ranges"]![0]![0]!["subnet"]!.GetValue<string>());
    }

    [Fact]
    public void Status_without_a_subnet_is_50()
    {
        File.Delete(desk.SubnetFile);
        Assert.Equal(50, desk.Call("STATUS").Code);
    }

    [Fact]
    public void Status_without_a_delegate_is_50()
    {
        File.Delete(Path.Combine(desk.PluginDirectory, "bridge"));
        Assert.Equal(50, desk.Call("STATUS").Code);
    }

    public void Dispose() => desk.Dispose();

    private void Add(string container, string device)
    {
        desk.Environment["CNI_CONTAINERID"] = container;
        desk.Environment["CNI_IFNAME"] = device;
        Assert.Equal(0, desk.Call("ADD").Status);
    }

    private Answer Collect(params IEnumerable<(string Container, string Device)> valid)
    {
        desk.Conf["cni.dev/valid-attachments"] =
            new JsonArray([.. valid.Select(one => new JsonObject { ["containerID"] = one.Container, ["ifname"] = one.Device })]);
        return desk.Call("GC");
    }

    private IEnumerable<string?> States() => Directory.GetFiles(Path.GetDirectoryName(desk.StateFile)!).Select(Path.GetFileName);
}
