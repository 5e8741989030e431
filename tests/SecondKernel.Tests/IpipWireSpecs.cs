using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.SecondKernel.Tests.WirePacket;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Back end ipip as somebody on the underlay's wire sees it (RFC 2003), and where it has no tunnel.</summary>
public sealed class IpipWireSpecs(ITestOutputHelper output)
{
    private const string NetConf = """{"Network":"10.244.0.0/16","Backend":{"Type":"ipip","DirectRouting":true}}""";

    private const string Device = "flannel.ipip", Near = "192.168.77.1", Far = "192.168.99.3";

    private const ushort DontFragment = 0x4000;

    /// <summary>h1 and h2 have one link; h3 is behind a router.</summary>
    [SecondKernelFact]
    public Task DirectRouting_needs_no_tunnel_on_one_link_and_behind_a_router_that_translates_packets_have_an_outer_header_and_nothing_else() =>
        WireLab.RunAsync(
            output,
            3,
            NetConf,
            async lab =>
            {
                await RoutesAre(lab[1], (lab[2], "via 192.168.77.2 dev eth0"), (lab[3], $"via {Far} dev {Device}"));
                await RoutesAre(lab[3], (lab[1], $"via {Near} dev {Device}"), (lab[2], $"via 192.168.77.2 dev {Device}"));
                await TunnelIsForWhoNeedsIt(lab);
                await IsOuterHeaderAndInnerPacket(lab, DontFragment, trafficClass: 0xb8, ecn: 0);
                await IsOuterHeaderAndInnerPacket(lab, flags: 0, trafficClass: 0xba, ecn: 2);
                await WireLab.FollowsTheSmallerUnderlay(lab, lab[3], Device, 1400, 1380);
            },
            lab => new TranslatedHost(lab[3]).MoveAsync(lab),
            host => host.Index == 3 ? ["--public-ip", Far] : []);

    private static async Task RoutesAre(LabHost host, params (LabHost To, string Way)[] routes)
    {
        string shown = await WireLab.Do(host, "ip route");
        foreach (var (to, way) in routes)
            Assert.Contains($"{await OverlayLab.Subnet(to)} {way} proto 77", shown, StringComparison.Ordinal);
    }

    private static async Task TunnelIsForWhoNeedsIt(OverlayLab lab)
    {
        using var capture = await PacketCapture.StartAsync(lab[1].Host, "icmp or ip proto 4");
        foreach (var from in lab.Hosts)
        {
            foreach (var to in lab.Hosts.Where(to => to != from))
                await WireLab.Pings(from, to);
        }
        // Both pings with each of the two, and their answers.
        var seen = (await capture.WaitForAsync(8)).Select(In).ToList();
        string container1 = $"{lab[1].ContainerAddress}";
        Assert.Equal(4, seen.Count(packet => Protocol(packet) == Icmp && IsBetween(packet, container1, $"{lab[2].ContainerAddress}")));
        Assert.Equal(4, seen.Count(packet => Protocol(packet) == IPv4InIPv4 && IsBetween(packet, Near, Far) && IsBetween(Payload(packet), container1, $"{lab[3].ContainerAddress}")));
        Assert.Equal(8, seen.Count);
    }

    /// <param name="ecn">What the outer header has in place of the inner one's traffic class (RFC 6040): its ECN field alone.</param>
    private static async Task IsOuterHeaderAndInnerPacket(OverlayLab lab, ushort flags, byte trafficClass, byte ecn)
    {
        byte[] payload = [.. Enumerable.Range(0, 101).Select(i => (byte)(i * 7))];
        byte[] sent = EchoRequest(lab[1].ContainerAddress!, lab[3].ContainerAddress!, 0x4242, flags, trafficClass, payload);
        using var capture = await PacketCapture.StartAsync(lab[1].Host, "ip proto 4");
        lab[1].Container.Run(() => Send(sent));
        var frames = await capture.WaitForAsync(2);

        Assert.All(frames, frame => Assert.Equal(0x0800, TypeOf(frame)));
        byte[] request = In(frames[0]), reply = In(frames[1]);
        byte[] inner = WithTtl(sent, 63);
        int length = 20 + inner.Length;
        byte[] outer =
        [
            0x45, ecn, (byte)(length >> 8), (byte)length,
            // The kernel's own identification, and the checksum over it.
            request[4], request[5], (byte)(flags >> 8), (byte)flags,
            63, IPv4InIPv4, request[10], request[11],
            192, 168, 77, 1,
            192, 168, 99, 3,
        ];
        Assert.Equal(outer, request[..20]);
        Assert.Equal(0, Checksum(request.AsSpan(0, 20)));
        Assert.Equal(inner, request[20..]);

        Assert.Equal((IPv4InIPv4, Far, Near, request.Length), (Protocol(reply), Source(reply), Destination(reply), reply.Length));
        byte[] answer = Payload(reply);
        Assert.Equal((Icmp, Destination(sent), Source(sent)), (Protocol(answer), Source(answer), Destination(answer)));
        Assert.Equal([0, 0], Payload(answer)[..2]);
        Assert.Equal(Payload(sent)[4..], Payload(answer)[4..]);
    }

    private static bool IsBetween(byte[] packet, string one, string other) =>
        (Source(packet), Destination(packet)) is var way && (way == (one, other) || way == (other, one));
}
