using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.WireGuard;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.WireGuard;

/// <summary>What generic netlink is asked for wireguard's devices, octet by octet, and what its answers mean.</summary>
public sealed class WireGuardMessageSpecs
{
    private static readonly PublicKey Key = PublicKey.FromBytes([.. Enumerable.Repeat((byte)0x22, 32)]);

    /// <summary>struct nlmsghdr of family 0x1f without the length, REQUEST|ACK, sequence 7; WG_CMD_SET_DEVICE, version 1; WGDEVICE_A_IFNAME "wg0".</summary>
    private const string Head = "1f000500" + "07000000" + "00000000" + "01010000" + "0800020077673000";

    private static string Octets(string octet, int count) => string.Concat(Enumerable.Repeat(octet, count));

    [Fact]
    public void A_device_gets_its_private_key_and_port_and_nothing_that_ends_sessions()
    {
        using var key = StaticKey.FromBytes([.. Enumerable.Repeat((byte)0x11, 32)]);
        Assert.Equal("48000000" + Head + "24000300" + Octets("11", 32) + "060006006cca0000", Hex(new WireGuardChange.SetDevice(key, 51820) { Device = "wg0" }));
    }

    [Fact]
    public void A_peer_gets_secret_end_point_keepalive_and_subnets()
    {
        var psk = PresharedKey.FromBase64(Convert.ToBase64String([.. Enumerable.Repeat((byte)0x33, 32)]));
        var peer = new WireGuardPeer(Key)
        {
            EndPoint = IPEndPoint.Parse("192.168.7.2:51820"),
            Psk = psk,
            Keepalive = 25,
            AllowedIps = [IpPrefix.Parse("10.244.2.0/24")],
        };
        string expected = Head + "94000880" + "90000080"
            + "24000100" + Octets("22", 32) + "24000200" + Octets("33", 32) + "0800030002000000"
            + "14000400" + "0200ca6cc0a80702" + Octets("00", 8) + "0600050019000000"
            + "20000980" + "1c000080" + "0600010002000000" + "080002000af40200" + "0500030018000000";
        Assert.Equal("b0000000" + expected, Hex(new WireGuardChange.PutPeer(peer, ReplaceAllowedIps: true) { Device = "wg0" }));
    }

    [Fact]
    public void Without_a_secret_32_zeroes_take_the_old_one_away_and_what_is_not_named_stays()
    {
        string hex = Hex(new WireGuardChange.PutPeer(new WireGuardPeer(Key), ReplaceAllowedIps: false) { Device = "wg0" });
        Assert.Equal("74000000" + Head + "58000880" + "54000080" + "24000100" + Octets("22", 32) + "24000200" + Octets("00", 32) + "0600050000000000", hex);
    }

    [Fact]
    public void A_peer_is_removed_by_its_key_alone() => Assert.Equal(
        "50000000" + Head + "34000880" + "30000080" + "24000100" + Octets("22", 32) + "0800030001000000",
        Hex(new WireGuardChange.RemovePeer(Key) { Device = "wg0" }));

    [Fact]
    public void The_pieces_of_a_dump_make_one_device_and_one_peer()
    {
        var first = new WireGuardDevice(Key, 51820, [new WireGuardPeer(Key) { Keepalive = 5, AllowedIps = [IpPrefix.Parse("10.1.0.0/24")] }]);
        var second = new WireGuardDevice(null, 0, [new WireGuardPeer(Key) { AllowedIps = [IpPrefix.Parse("10.2.0.0/24")] }]);
        var joined = WireGuardMessages.Join([first, second]);
        Assert.Equal((Key, (ushort)51820), (joined.Key, joined.Port));
        var peer = Assert.Single(joined.Peers);
        Assert.Equal((5, "10.1.0.0/24 10.2.0.0/24"), (peer.Keepalive, string.Join(' ', peer.AllowedIps)));
    }

    [Fact]
    public void Whatever_the_kernel_says_is_read_or_refused() => Gen.Byte.Array[0, 300].Sample(
        payload =>
        {
            byte[] message = [.. BitConverter.GetBytes(16 + payload.Length), .. new byte[12], .. payload];
            try
            {
                foreach (var one in new MessageReader(message))
                    WireGuardMessages.Decode(one);
            }
            catch (NetlinkParseException)
            {
                return;
            }
        },
        iter: 20_000);

    private static string Hex(WireGuardChange change)
    {
        var writer = new MessageWriter();
        WireGuardMessages.Encode(writer, 0x1f, change, 7);
        return Convert.ToHexStringLower(writer.Written);
    }
}
