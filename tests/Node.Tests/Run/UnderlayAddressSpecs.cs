using System.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>Which address of the device, and which devices cannot be used at all.</summary>
public sealed class UnderlayAddressSpecs : UnderlayFixture
{
    [Theory]
    // Global before link-local, whatever scope link-local was given with.
    [InlineData("192.0.2.1", "169.254.7.7/16", "192.0.2.1/24")]
    [InlineData("192.0.2.1", "10.9.9.9/24 scope link", "192.0.2.1/24")]
    [InlineData("169.254.7.7", "169.254.7.7/16")]
    // Permanent before dynamic, primary before secondary.
    [InlineData("198.51.100.1", "192.0.2.1/24 valid_lft 900 preferred_lft 900", "198.51.100.1/24")]
    [InlineData("198.51.100.1", "198.51.100.1/24", "198.51.100.2/24")]
    [InlineData("192.0.2.1", "192.0.2.1/24 valid_lft 900 preferred_lft 900")]
    // Deprecated: never.
    [InlineData("198.51.100.1", "192.0.2.1/24 valid_lft 900 preferred_lft 0", "198.51.100.1/24 valid_lft 900 preferred_lft 900")]
    // A host's own business.
    [InlineData("198.51.100.1", "192.0.2.1/32 scope host", "198.51.100.1/24")]
    public void The_best_IPv4_address_is_used(string expected, params string[] addresses)
    {
        Veth("eth0", addresses);
        Assert.Equal(IPAddress.Parse(expected), Select(Options(iface: ["eth0"])).Local.IPv4);
    }

    [Theory]
    [InlineData("2001:db8::2", "2001:db8::1/64 valid_lft 900 preferred_lft 900", "2001:db8::2/64")]
    [InlineData("2001:db8::2", "2001:db8::1/64 valid_lft 900 preferred_lft 0", "2001:db8::2/64 valid_lft 900 preferred_lft 900")]
    [InlineData("fd00::2", "fd00::2/64")]
    [InlineData(null)]
    public void The_best_IPv6_address_is_used(string? expected, params string[] addresses)
    {
        Veth("eth0", [.. addresses, "192.0.2.1/24"]);
        Assert.Equal(expected, Select(Options(iface: ["eth0"])).Local.IPv6?.ToString());
    }

    [Fact]
    public void A_temporary_address_comes_last_even_where_the_kernel_prefers_it()
    {
        Veth("eth0", ["2001:db8::1/64 valid_lft 9000 preferred_lft 9000 mngtmpaddr"], temporary: true);
        Ip("-6 route add default via 2001:db8::9");
        Assert.Contains(Test.Kernel.DumpAddresses(), held => !held.Prefix.IsIPv4 && held.Flags.HasFlag(AddressFlags.Temporary));
        Assert.NotEqual(IPAddress.Parse("2001:db8::1"), Test.Kernel.LookupRoute(IPAddress.Parse("2001:db8:ffff::1"))!.PreferredSource);
        Assert.Equal("eth0  2001:db8::1", Local(Select(Options(iface: ["eth0"]))));
        Assert.Equal("eth0  2001:db8::1", Local(Select(Options(canReach: "2001:db8:ffff::1"))));
        Assert.Equal("eth0  2001:db8::1", Local(Select(seeds: "2001:db8:ffff::1")));
    }

    [Fact]
    public void A_link_local_IPv6_address_counts_only_where_the_network_asks_for_IPv6()
    {
        Veth("eth0", ["192.0.2.1/24"]);
        // Without duplicate address detection the kernel still lets a worker of its own make it usable.
        Assert.True(SpinWait.SpinUntil(() => !Test.Kernel.DumpAddresses().Any(held => held.Flags.HasFlag(AddressFlags.Tentative)), TimeSpan.FromSeconds(5)));
        Assert.Null(Select(Options(iface: ["eth0"]), IPv4Network).Local.IPv6);
        Assert.True(Select(Options(iface: ["eth0"]), DualNetwork).Local.IPv6!.IsIPv6LinkLocal);
    }

    [Fact]
    public void A_tentative_address_is_not_the_hosts_yet()
    {
        // Without a carrier, duplicate address detection does not begin.
        Ip("link add br0 type bridge");
        Ip("link set br0 up");
        Ip("addr add 192.0.2.1/24 dev br0");
        Ip("addr add 2001:db8::1/64 dev br0");
        Assert.Null(Select(Options(iface: ["br0"])).Local.IPv6);
        Assert.Contains("br0 has no usable IPv6 address, and the network has IPv6; this host has", Refusal(Options(iface: ["br0"]), DualNetwork), StringComparison.Ordinal);
        Assert.Contains("--iface 2001:db8::1: br0 cannot use 2001:db8::1 tentative", Refusal(Options(iface: ["2001:db8::1"])), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_another_host_has_is_not_used()
    {
        Veth("eth0", ["192.0.2.1/24"]);
        Test.Inside.Run(() => Kernel.Sysctl.Sysctls.Write("net/ipv6/conf/eth0/accept_dad", "1"));
        Ip("addr add 2001:db8::1/64 dev eth0-peer nodad");
        Ip("addr add 2001:db8::1/64 dev eth0");
        Assert.True(SpinWait.SpinUntil(
            () => Test.Kernel.DumpAddresses(Test.Kernel.FindLink("eth0")!.Index).Any(held => held.Flags.HasFlag(AddressFlags.DadFailed)), TimeSpan.FromSeconds(10)));
        Assert.Null(Select(Options(iface: ["eth0"])).Local.IPv6);
        Assert.True(Select(Options(iface: ["eth0"]), DualNetwork).Local.IPv6!.IsIPv6LinkLocal);
        Assert.Contains("2001:db8::1 tentative dadfailed", Refusal(Options(iface: ["eth9"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_that_the_network_needs_decides()
    {
        Veth("eth0", ["192.0.2.1/24"]);
        Veth("eth1", ["198.51.100.1/24", "2001:db8::1/64"]);
        Ip("link set eth0 addrgenmode none");
        Ip("-6 addr flush dev eth0");
        Assert.Equal("eth1", Select(Options(iface: ["eth0", "eth1"]), DualNetwork).Device);
        Assert.Equal("eth1", Select(Options(regex: ["eth"]), IPv6Network).Device);
        Assert.Equal("eth0", Select(Options(iface: ["eth0", "eth1"]), IPv4Network).Device);
    }

    [Fact]
    public void A_device_that_is_down_is_refused()
    {
        Veth("eth0", ["192.0.2.1/24"]);
        Ip("link set eth0 down");
        string refusal = Refusal(Options(iface: ["eth0"]));
        Assert.StartsWith("no underlay device: --iface eth0: eth0 is down; this host has lo (127.0.0.1, ::1), ", refusal, StringComparison.Ordinal);
        Assert.Contains("eth0 (down, 192.0.2.1)", refusal, StringComparison.Ordinal);
        Assert.Equal("the underlay device eth0 is down", Refusal(seeds: "192.0.2.1"));
    }

    [Fact]
    public void A_device_without_an_address_is_refused()
    {
        Veth("eth0", []);
        Assert.Contains("--iface eth0: eth0 has no usable address", Refusal(Options(iface: ["eth0"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_without_an_MTU_is_refused()
    {
        Ip("link set lo mtu 0");
        Assert.Contains("--iface lo: lo has MTU 0", Refusal(Options(iface: ["lo"])), StringComparison.Ordinal);
    }

    [Fact]
    public void The_loopback_device_is_used_only_when_named()
    {
        Ip("addr add 203.0.113.1/32 dev lo");
        Assert.Equal("lo 203.0.113.1", Local(Select(Options(iface: ["lo"]))));
        Assert.Equal("lo 203.0.113.1", Local(Select(Options(iface: ["203.0.113.1"]))));
        Assert.Contains("--iface-can-reach 127.0.0.1: lo is the loopback device", Refusal(Options(canReach: "127.0.0.1")), StringComparison.Ordinal);
        Assert.Contains("matches no address and no name", Refusal(Options(regex: ["^lo$"])), StringComparison.Ordinal);
        Assert.Contains("the underlay device lo is the loopback device", Refusal(Options(publicIp: "203.0.113.1")), StringComparison.Ordinal);
        Assert.Contains("no underlay device", Refusal(seeds: "203.0.113.1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wish_that_failed_is_named_with_what_there_is()
    {
        Veth("eth0", ["192.0.2.1/24"]);
        string refusal = Refusal(Options(iface: ["eth7", "10.0.0.1"], regex: ["^wg"], canReach: "203.0.113.9"));
        Assert.StartsWith(
            "no underlay device: --iface eth7: there is no such device; --iface 10.0.0.1: no device has this address; "
            + "--iface-regex ^wg: matches no address and no name; --iface-can-reach 203.0.113.9: no route leads there; this host has lo (127.0.0.1, ::1), ",
            refusal, StringComparison.Ordinal);
        Assert.Contains("eth0 (192.0.2.1", refusal, StringComparison.Ordinal);
    }
}
