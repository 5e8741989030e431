using System.Text.Json;
using AkkaOverlay.BackEndMatrix;
using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Kernel objects and subnet.env as flannel makes them, as an operator sees them with iproute2 and ss.</summary>
internal static class FlannelLayout
{
    /// <summary>What a row's hosts must have; null where nothing is known beforehand.</summary>
    public static Func<OverlayLab, Task>? Of(BackEndCase of) => of switch
    {
        { BackEnd: "vxlan", Families: Families.IPv4 } => lab => OnEach(lab, VxlanAsync),
        { BackEnd: "vxlan", Families: Families.IPv6 } => lab => OnEach(lab, VxlanIPv6Async),
        { BackEnd: "vxlan", Families: Families.Dual } => lab => OnEach(lab, VxlanDualAsync),
        { BackEnd: "host-gw", Families: Families.IPv4 } => lab => OnEach(lab, HostGwAsync),
        { BackEnd: "host-gw", Families: Families.Dual } => lab => OnEach(lab, (_, host) => DualSubnetFileAsync(host, 1500)),
        { BackEnd: "udp", Families: Families.IPv4 } => lab => OnEach(lab, (_, host) => UdpAsync(host)),
        _ => null,
    };

    private static async Task OnEach(OverlayLab lab, Func<OverlayLab, LabHost, Task> check)
    {
        foreach (var host in lab.Hosts)
            await check(lab, host);
    }

    private static async Task VxlanAsync(OverlayLab lab, LabHost host)
    {
        string subnet = await Subnet(host);
        var link = (await Ip(host, "-d", "link", "show", "flannel.1"))[0];
        var data = link.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal("vxlan", link.GetProperty("linkinfo").GetProperty("info_kind").GetString());
        Assert.Equal(1, data.GetProperty("id").GetInt32());
        Assert.Equal(8472, data.GetProperty("port").GetInt32());
        Assert.Equal(host.UnderlayAddress.ToString(), data.GetProperty("local").GetString());
        Assert.Equal("eth0", data.GetProperty("link").GetString());
        Assert.False(data.GetProperty("learning").GetBoolean());

        var address = (await Ip(host, "-4", "addr", "show", "flannel.1"))[0].GetProperty("addr_info")[0];
        Assert.Equal($"{subnet.Split('/')[0]}/32", $"{address.GetProperty("local").GetString()}/{address.GetProperty("prefixlen").GetInt32()}");

        var routes = (await Ip(host, "route", "show", "proto", "77")).EnumerateArray().ToDictionary(route => route.GetProperty("dst").GetString()!);
        var neighbours = (await Ip(host, "neigh", "show", "dev", "flannel.1")).EnumerateArray().ToDictionary(entry => entry.GetProperty("dst").GetString()!);
        string fdb = (await Command.Run(host.Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output;
        Assert.Equal(lab.Hosts.Count - 1, routes.Count);
        foreach (var peer in lab.Hosts.Where(peer => peer != host))
        {
            string theirs = await Subnet(peer);
            string gateway = theirs.Split('/')[0];
            Assert.Equal(gateway, routes[theirs].GetProperty("gateway").GetString());
            Assert.Equal("flannel.1", routes[theirs].GetProperty("dev").GetString());
            Assert.Contains("onlink", routes[theirs].GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
            Assert.Equal(["PERMANENT"], neighbours[gateway].GetProperty("state").EnumerateArray().Select(state => state.GetString()!));
            string mac = neighbours[gateway].GetProperty("lladdr").GetString()!;
            Assert.Equal(mac, (await Ip(peer, "link", "show", "flannel.1"))[0].GetProperty("address").GetString());
            Assert.Contains($"{mac} dst {peer.UnderlayAddress} self permanent", fdb, StringComparison.Ordinal);
        }
    }

    private static async Task VxlanIPv6Async(OverlayLab lab, LabHost host)
    {
        Assert.NotEqual(0, (await Command.Run(host.Host, "ip", "link", "show", "flannel.1")).ExitCode);
        Assert.Empty(await OurRoutes(host));
    }

    private static async Task VxlanDualAsync(OverlayLab lab, LabHost host)
    {
        await DualSubnetFileAsync(host, 1430);
        var v6 = (await Ip(host, "-d", "link", "show", "flannel-v6.1"))[0];
        Assert.Equal(1430, v6.GetProperty("mtu").GetInt32());
        Assert.Equal(1450, (await Ip(host, "link", "show", "flannel.1"))[0].GetProperty("mtu").GetInt32());
        Assert.Equal($"{host.UnderlayAddress6}", v6.GetProperty("linkinfo").GetProperty("info_data").GetProperty("local6").GetString());
    }

    private static async Task DualSubnetFileAsync(LabHost host, int mtu)
    {
        var lease = (await host.Api.StatusAsync()).Lease!;
        string third = lease.Ipv6Subnet!.Replace("::/64", "", StringComparison.Ordinal);
        Assert.Equal(
            $"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET={lease.Subnet!.Replace(".0/24", ".1/24", StringComparison.Ordinal)}\n"
            + $"FLANNEL_IPV6_NETWORK=fd00:244::/48\nFLANNEL_IPV6_SUBNET={third}::1/64\nFLANNEL_MTU={mtu}\nFLANNEL_IPMASQ=false\n",
            await File.ReadAllTextAsync(host.SubnetFile));
    }

    private static async Task HostGwAsync(OverlayLab lab, LabHost host)
    {
        Assert.NotEqual(0, (await Command.Run(host.Host, "ip", "link", "show", "flannel.1")).ExitCode);
        var routes = (await Ip(host, "route", "show", "proto", "77")).EnumerateArray().ToDictionary(route => route.GetProperty("dst").GetString()!);
        foreach (var peer in lab.Hosts.Where(peer => peer != host))
        {
            var route = routes[await Subnet(peer)];
            Assert.Equal((peer.UnderlayAddress.ToString(), "eth0"), (route.GetProperty("gateway").GetString(), route.GetProperty("dev").GetString()));
        }
        Assert.Contains("FLANNEL_MTU=1500\n", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
    }

    private static async Task UdpAsync(LabHost host)
    {
        var link = (await Ip(host, "-d", "link", "show", "flannel0"))[0];
        Assert.Equal(1472, link.GetProperty("mtu").GetInt32());
        var data = link.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal(("tun", true, true), (data.GetProperty("type").GetString(), data.GetProperty("persist").GetBoolean(), data.GetProperty("multi_queue").GetBoolean()));
        var address = (await Ip(host, "-4", "addr", "show", "flannel0"))[0].GetProperty("addr_info")[0];
        Assert.Equal($"{(await Subnet(host)).Split('/')[0]}/32", $"{address.GetProperty("local").GetString()}/{address.GetProperty("prefixlen").GetInt32()}");
        var route = Assert.Single((await Ip(host, "route", "show", "proto", "77")).EnumerateArray());
        Assert.Equal(("10.244.0.0/16", "flannel0"), (route.GetProperty("dst").GetString(), route.GetProperty("dev").GetString()));
        // Scope global, which ip(8) does not show.
        Assert.False(route.TryGetProperty("scope", out _));
        Assert.Contains($"{host.UnderlayAddress}:8285", (await Command.Run(host.Host, "ss", "-ulnH")).Output, StringComparison.Ordinal);
        Assert.Contains("FLANNEL_MTU=1472\n", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
    }
}
