using System.Buffers.Binary;
using System.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Tests.Netlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

/// <summary>Devices that not every kernel has: what is asked of it, octet by octet, and what a refusal says.</summary>
public sealed class TunnelMessageSpecs
{
    /// <summary>struct nlmsghdr and struct ifinfomsg, without the length in front: RTM_NEWLINK, REQUEST|ACK|EXCL|CREATE, sequence 7.</summary>
    private const string Head = "1000" + "0506" + "07000000" + "00000000" + "00000000000000000000000000000000";

    [Fact]
    public void An_ipip_device_is_asked_for_with_name_MTU_kind_local_address_and_no_path_MTU_discovery() => Assert.Equal(
        "60000000" + Head
        + "0a000300" + "612e69706900" + "0000"
        + "08000400" + "c8050000"
        + "2c001280" + "09000100" + "6970697000" + "000000" + "1c000280" + "08000200" + "c0a80701" + "0500040000000000" + "05000a0000000000",
        Hex(new RtnetlinkChange.CreateIpip("a.ipi", new IpipSettings(IPAddress.Parse("192.168.7.1")), 1480)));

    [Theory]
    [InlineData(0, false)]
    [InlineData(64, true)]
    public void An_ipip_devices_TTL_and_path_MTU_discovery_are_read_as_they_are_written(byte ttl, bool pathMtuDiscovery)
    {
        var settings = new IpipSettings(IPAddress.Parse("192.168.7.1")) { Ttl = ttl, PathMtuDiscovery = pathMtuDiscovery };
        var writer = new MessageWriter();
        ChangeMessages.Encode(writer, new RtnetlinkChange.CreateIpip("a.ipi", settings, 1480), 7);
        var read = new List<IpipSettings?>();
        foreach (var message in new MessageReader(writer.Written))
            read.Add(LinkMessages.Decode(message)?.Ipip);
        Assert.Equal(settings, Assert.Single(read));
    }

    [Fact]
    public void A_wireguard_device_is_asked_for_with_name_MTU_and_kind() => Assert.Equal(
        "48000000" + Head
        + "09000300" + "612e776700" + "000000"
        + "08000400" + "8c050000"
        + "14001280" + "0e000100" + "776972656775617264" + "00" + "0000",
        Hex(new RtnetlinkChange.CreateWireGuard("a.wg", 1420)));

    [Theory]
    [InlineData(95, "create ipip flannel.ipip local 192.168.7.1: this kernel has no ipip devices (CONFIG_NET_IPIP; \"modprobe ipip\" says why), choose another Backend.Type (EOPNOTSUPP)")]
    [InlineData(1, "create ipip flannel.ipip local 192.168.7.1: Operation not permitted (EPERM)")]
    public void A_kernel_without_ipip_is_told_from_other_refusals(int errno, string expected)
    {
        using var socket = new RtnetlinkSocket(new ScriptedKernel(sequence => [Refusal(sequence, errno)]));
        var error = Assert.Single(socket.Apply([new RtnetlinkChange.CreateIpip("flannel.ipip", new IpipSettings(IPAddress.Parse("192.168.7.1")), 1480)]));
        Assert.Equal(expected, error!.Text);
    }

    private static string Hex(RtnetlinkChange change)
    {
        var writer = new MessageWriter();
        ChangeMessages.Encode(writer, change, 7);
        return Convert.ToHexStringLower(writer.Written);
    }

    /// <summary>NLMSG_ERROR with struct nlmsgerr, the request left out.</summary>
    private static byte[] Refusal(uint sequence, int errno)
    {
        byte[] message = new byte[36];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), 0x100);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), sequence);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(16), -errno);
        return message;
    }
}
