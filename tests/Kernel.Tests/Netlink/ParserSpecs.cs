using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Netlink;

/// <summary>Whatever bytes arrive, the readers end, and throw at most <see cref="NetlinkParseException"/>.</summary>
public sealed class ParserSpecs
{
    private static readonly Lazy<byte[][]> s_genuine = new(Record);

    [Fact]
    public void Genuine_dumps_are_read_without_complaint()
    {
        Assert.NotEmpty(s_genuine.Value);
        Assert.All(s_genuine.Value, datagram => Assert.True(Read(datagram)));
    }

    [Fact]
    public void Random_bytes_do_no_harm() => Gen.Byte.Array[0, 300].Sample(bytes => { Read(bytes); }, iter: 20_000);

    [Fact]
    public void Random_payloads_behind_a_good_header_do_no_harm() =>
        Gen.Select(Gen.UShort[0, 32], Gen.UShort, Gen.Byte.Array[0, 200]).Sample(
            (type, flags, payload) =>
            {
                byte[] message = [.. BitConverter.GetBytes(16 + payload.Length), .. BitConverter.GetBytes(type), .. BitConverter.GetBytes(flags), .. new byte[8], .. payload];
                Read(message);
            },
            iter: 20_000);

    [Fact]
    public void Truncated_dumps_do_no_harm() =>
        Gen.Select(Gen.Int[0, s_genuine.Value.Length - 1], Gen.Double[0, 1]).Sample(
            (index, part) => { Read(s_genuine.Value[index].AsSpan(0, (int)(s_genuine.Value[index].Length * part))); },
            iter: 5_000);

    [Fact]
    public void Truncated_messages_do_no_harm()
    {
        foreach (byte[] datagram in s_genuine.Value)
        {
            for (int length = 16; length <= Math.Min(datagram.Length, 2000); length++)
            {
                byte[] cut = datagram[..length];
                // The first message claims just what is there, so that the cut falls into its attributes.
                BitConverter.TryWriteBytes(cut, Math.Min(length, BitConverter.ToInt32(datagram)));
                Read(cut);
            }
        }
    }

    [Fact]
    public void Flipped_bits_do_no_harm() =>
        Gen.Select(Gen.Int[0, s_genuine.Value.Length - 1], Gen.Int[0, 1 << 20].Array[1, 12]).Sample(
            (index, flips) =>
            {
                byte[] bytes = [.. s_genuine.Value[index]];
                foreach (int flip in flips)
                    bytes[flip / 8 % bytes.Length] ^= (byte)(1 << (flip % 8));
                Read(bytes);
            },
            iter: 20_000);

    [Fact]
    public void What_is_written_is_read()
    {
        var writer = new MessageWriter(capacity: 16);
        writer.Begin(100, 5, 7);
        int nested = writer.BeginNested(3);
        writer.U8(1, 9);
        writer.Text(2, "vxlan");
        writer.EndNested(nested);
        writer.U16BigEndian(4, 0x1234);
        writer.Flag(5);
        writer.Address(6, IPAddress.Parse("fd00::1"));
        writer.End();

        var messages = new MessageReader(writer.Written);
        Assert.True(messages.MoveNext());
        Assert.Equal((100, 5, 7u), (messages.Current.Type, messages.Current.Flags, messages.Current.Sequence));
        var seen = new List<string>();
        foreach (var attribute in new AttributeReader(messages.Current.Payload))
        {
            seen.Add(attribute.Type switch
            {
                3 => string.Join(',', Nested(attribute.Nested)),
                4 => $"{attribute.U16BigEndian:x}",
                6 => attribute.Address.ToString(),
                _ => $"{attribute.Type}:{attribute.Value.Length}",
            });
        }
        Assert.Equal(["1:9,2:vxlan", "1234", "5:0", "fd00::1"], seen);
        Assert.False(messages.MoveNext());
    }

    private static List<string> Nested(AttributeReader attributes)
    {
        var seen = new List<string>();
        foreach (var attribute in attributes)
            seen.Add(attribute.Type == 1 ? $"1:{attribute.U8}" : $"{attribute.Type}:{attribute.Text}");
        return seen;
    }

    /// <summary>Everything the product does with bytes of the kernel. False where they were refused.</summary>
    private static bool Read(ReadOnlySpan<byte> datagram)
    {
        try
        {
            foreach (var message in new MessageReader(datagram))
            {
                EventMessages.Decode(message);
                RouteMessages.DecodeAny(message);
                if (message.Type is NetlinkConstants.NLMSG_ERROR or NetlinkConstants.NLMSG_DONE)
                    Acknowledgement.Read(message);
            }
            return true;
        }
        catch (NetlinkParseException)
        {
            return false;
        }
    }

    private static byte[][] Record()
    {
        using var test = new TestNamespace();
        int device = test.AddVeth();
        int vxlan = test.AddVxlan();
        test.Ip("route add 10.1.0.0/24 proto 77 mtu 1400 nexthop via 192.0.2.8 nexthop via 192.0.2.9");
        test.Do(
            new RtnetlinkChange.PutRoute(new Route(IpPrefix.Parse("10.2.0.0/24")) { Gateway = IPAddress.Parse("2001:db8::9"), Interface = device, Mtu = 1300 }, false),
            new RtnetlinkChange.PutNeighbour(new Neighbour(vxlan, IPAddress.Parse("10.1.2.3")) { LinkLayer = new MacAddress(0x0200_0000_0001), State = NeighbourState.Permanent, Protocol = 77 }),
            new RtnetlinkChange.PutFdb(new FdbEntry(vxlan, new MacAddress(0x0200_0000_0001)) { Destination = IPAddress.Parse("192.0.2.9"), State = NeighbourState.Permanent }));

        using var socket = test.Inside.Run(() => NetlinkSocket.Open(1 << 20, TimeSpan.FromSeconds(1)));
        using var recording = new RecordingChannel(socket);
        using var kernel = new RtnetlinkSocket(recording);
        kernel.DumpLinks();
        kernel.DumpAddresses();
        kernel.DumpRoutes();
        kernel.DumpNeighbours(0);
        kernel.DumpFdb(0);
        kernel.DumpRules();
        kernel.Apply([new RtnetlinkChange.PutRoute(new Route(IpPrefix.Parse("10.3.0.0/24")) { Gateway = IPAddress.Parse("10.9.9.9"), Interface = device }, false)]);
        return [.. recording.Received];
    }
}
