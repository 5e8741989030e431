using System.Buffers.Binary;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Tests.Netlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Kernel.Tests.WireGuard;

/// <summary>How the socket asks, with a kernel whose answers are written here.</summary>
public sealed class WireGuardSocketSpecs
{
    private const int NlmsgError = 2, GenericControl = 0x10;

    [Fact]
    public void Thousands_of_peers_go_in_batches_whose_answers_fit_and_each_keeps_its_own_answer()
    {
        bool known = false;
        int answered = 0;
        var kernel = new ScriptedKernel(sequence =>
        {
            if (!known)
            {
                known = true;
                return [Family(sequence)];
            }
            return [Answer(sequence, ++answered == 200 ? 22 : 0)];
        });
        using var socket = new WireGuardSocket(kernel);
        var results = socket.Apply([.. Enumerable.Range(0, 3000).Select(Peer)]);
        Assert.Equal(WireGuardSocket.BatchSize, kernel.LargestBatch);
        Assert.Equal(199, Assert.Single(Enumerable.Range(0, 3000), i => results[i] is not null));
    }

    [Fact]
    public void A_family_whose_number_is_none_any_more_is_asked_for_again_once()
    {
        // The number, ENOENT for a device, another number, ENODEV for the device; then ENOENT for it, and for the family.
        var answers = new Queue<Func<uint, byte[]>>([Family, NoEntry, Family, NoDevice, NoEntry, NoEntry]);
        using var socket = new WireGuardSocket(new ScriptedKernel(sequence => [answers.Dequeue()(sequence)]));
        Assert.Null(socket.Find("wg0"));
        Assert.Equal(2, answers.Count);
        Assert.Equal("find the kernel's wireguard: No such file or directory (ENOENT)", Assert.Throws<NetlinkException>(() => socket.Find("wg0")).Message);
        Assert.Empty(answers);
    }

    private static byte[] NoEntry(uint sequence) => Answer(sequence, 2);

    private static byte[] NoDevice(uint sequence) => Answer(sequence, 19);

    private static WireGuardChange Peer(int n) => new WireGuardChange.RemovePeer(PublicKey.FromBytes([.. BitConverter.GetBytes(n), .. new byte[28]])) { Device = "wg0" };

    /// <summary>CTRL_CMD_NEWFAMILY with CTRL_ATTR_FAMILY_ID 0x1f (linux/genetlink.h).</summary>
    private static byte[] Family(uint sequence) => Message(GenericControl, sequence, [1, 2, 0, 0, 6, 0, 1, 0, 0x1f, 0, 0, 0]);

    /// <summary>NLMSG_ERROR with struct nlmsgerr, the request left out.</summary>
    private static byte[] Answer(uint sequence, int errno) => Message(NlmsgError, sequence, [.. BitConverter.GetBytes(-errno), .. new byte[16]]);

    private static byte[] Message(int type, uint sequence, byte[] payload)
    {
        byte[] message = [.. new byte[16], .. payload];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), (ushort)type);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), sequence);
        return message;
    }
}
