using System.Net;
using System.Text.Json;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

public sealed class LinkSpecs : IDisposable
{
    private static readonly MacAddress Mac = MacAddress.Parse("02:00:00:00:00:77");
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData("192.0.2.1", true, false)]
    [InlineData("192.0.2.1", false, true)]
    [InlineData("2001:db8::1", false, true)]
    public void A_vxlan_has_every_setting_and_ip_agrees(string local, bool learning, bool gbp)
    {
        int lower = _test.AddVeth();
        var settings = new VxlanSettings(77, 4790) { Local = IPAddress.Parse(local), Lower = lower, Learning = learning, Gbp = gbp };

        _test.Do(new RtnetlinkChange.CreateVxlan("ao.77", settings, 1430, Mac));

        var link = _test.Kernel.FindLink("ao.77")!;
        Assert.Equal(settings, link.Vxlan);
        Assert.Equal((Mac, 1430, "vxlan", false), (link.Address, link.Mtu, link.Kind, link.Up));

        using var shown = JsonDocument.Parse(_test.Ip("-d -j link show dev ao.77"));
        var device = shown.RootElement[0];
        var data = device.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal(Mac.ToString(), device.GetProperty("address").GetString());
        Assert.Equal(1430, device.GetProperty("mtu").GetInt32());
        Assert.Equal(77, data.GetProperty("id").GetInt32());
        Assert.Equal(4790, data.GetProperty("port").GetInt32());
        Assert.Equal("eth0", data.GetProperty("link").GetString());
        Assert.Equal(local, data.GetProperty(local.Contains(':') ? "local6" : "local").GetString());
        Assert.Equal(learning, data.GetProperty("learning").GetBoolean());
        Assert.Equal(gbp, data.TryGetProperty("gbp", out _));
    }

    [Fact]
    public void Settings_that_are_never_ours_are_seen_on_a_foreign_vxlan()
    {
        _test.AddVeth();
        _test.Ip("link add vx9 type vxlan id 9 dstport 4789 group 239.1.1.1 dev eth0 l2miss l3miss");
        _test.Ip("link add vx8 type vxlan dstport 4788 external");

        var group = _test.Kernel.FindLink("vx9")!.Vxlan!;
        Assert.Equal((IPAddress.Parse("239.1.1.1"), true, true, true), (group.Group, group.L2Miss, group.L3Miss, group.Learning));
        Assert.True(_test.Kernel.FindLink("vx8")!.Vxlan!.CollectMetadata);
    }

    [Fact]
    public void A_taken_name_fails_with_EEXIST()
    {
        var create = new RtnetlinkChange.CreateVxlan("ao.77", new VxlanSettings(77, 8472), 1450, Mac);
        _test.Do(create);

        var error = Assert.Single(_test.Kernel.Apply([create]));

        Assert.Equal(17, error!.Errno);
        Assert.Equal("create vxlan ao.77 vni 77 port 8472: File exists (EEXIST)", error.Text);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("")]
    [InlineData("a-name-of-sixteen")]
    public void An_absent_device_is_null(string name) => Assert.Null(_test.Kernel.FindLink(name));

    [Fact]
    public void Learning_is_changed_on_the_device_that_is_there_and_nothing_else()
    {
        int lower = _test.AddVeth();
        var settings = new VxlanSettings(77, 8472) { Lower = lower, Gbp = true };
        _test.Do(new RtnetlinkChange.CreateVxlan("ao.77", settings, 1430, Mac));
        var before = _test.Kernel.FindLink("ao.77")!;
        _test.Do(new RtnetlinkChange.SetVxlanLearning(before.Index, true));
        Assert.Equal(before with { Vxlan = settings with { Learning = true } }, _test.Kernel.FindLink("ao.77"));
        _test.Do(new RtnetlinkChange.SetVxlanLearning(before.Index, false));
        Assert.Equal(before, _test.Kernel.FindLink("ao.77"));
    }

    [Fact]
    public void Setting_and_deleting_shows_in_the_dump()
    {
        int index = _test.AddVeth();
        _test.Do(new RtnetlinkChange.CreateBridge("br0"));
        int bridge = _test.Kernel.FindLink("br0")!.Index;

        _test.Do(new RtnetlinkChange.SetLink(index) { Mtu = 1400, Address = Mac, Master = bridge });
        var link = Assert.Single(_test.Kernel.DumpLinks(), link => link.Index == index);
        Assert.Equal(("veth", 1400, Mac, bridge, true, true), (link.Kind, link.Mtu, link.Address, link.Master, link.Up, link.Carrier));

        _test.Do(new RtnetlinkChange.SetLink(index) { Master = 0, Up = false });
        link = _test.Kernel.FindLink("eth0")!;
        Assert.Equal((0, false, 1400), (link.Master, link.Up, link.Mtu));

        _test.Do(new RtnetlinkChange.DeleteLink(index));
        Assert.Equal(["br0", "lo"], _test.Kernel.DumpLinks().Select(link => link.Name).Order());
        Assert.True(_test.Kernel.FindLink("lo")!.Loopback);
    }

    [Fact]
    public void A_veth_reaches_into_another_namespace()
    {
        using var other = new TestNamespace();

        _test.Do(new RtnetlinkChange.CreateVeth("out0", "in0", other.Inside.Descriptor));

        Assert.NotNull(_test.Kernel.FindLink("out0"));
        Assert.Null(_test.Kernel.FindLink("in0"));
        Assert.Equal("veth", other.Kernel.FindLink("in0")!.Kind);
    }

    [Fact]
    public void The_current_namespace_can_be_the_peer()
    {
        using var here = _test.Inside.Run(NetworkNamespace.OpenCurrent);
        _test.Do(new RtnetlinkChange.CreateVeth("a0", "b0", here.Descriptor));
        Assert.NotNull(_test.Kernel.FindLink("b0"));
    }
}
