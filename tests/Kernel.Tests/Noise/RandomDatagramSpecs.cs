using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class RandomDatagramSpecs
{
    [Fact]
    public void Whatever_arrives_nothing_throws_and_nothing_passes()
    {
        using var hosts = TwoHosts.Established();
        var session = hosts.ToLeft.Sending!;
        var random = new Random(11);
        byte[] packet = new byte[65_535];
        var results = new OpenedDatagram[65_535];
        foreach (byte[] datagram in Datagrams(random, session))
        {
            Assert.NotNull(hosts.RefusalOf(hosts.Right, datagram));
            Assert.NotEqual(OpenResult.Opened, session.TryOpen(datagram, packet, out int length, hosts.Now, 0));
            Assert.Equal(0, length);
            Assert.Equal(0, session.OpenBatch(datagram, random.Next(1, 2000), packet, 0, results, hosts.Now, 0));
        }
        hosts.AssertOneSession();
    }

    private static IEnumerable<byte[]> Datagrams(Random random, TransportSession session)
    {
        for (int length = 0; length < 200; length++)
            yield return Draw(random, length, null, session);
        foreach (var type in new DatagramType?[] { null, DatagramType.Initiation, DatagramType.Response, DatagramType.Data })
        {
            for (int i = 0; i < 200; i++)
                yield return Draw(random, i == 0 ? 65_535 : random.Next(65_536), type, session);
            for (int i = 0; i < 200; i++)
                yield return Draw(random, type == DatagramType.Initiation ? 136 : type == DatagramType.Response ? 76 : random.Next(32, 200), type, session);
        }
    }

    private static byte[] Draw(Random random, int length, DatagramType? type, TransportSession session)
    {
        byte[] datagram = new byte[length];
        random.NextBytes(datagram);
        if (type is { } given && length >= 16)
        {
            datagram.AsSpan(0, 4).Clear();
            datagram[0] = (byte)given;
            BitConverter.TryWriteBytes(datagram.AsSpan(4), session.LocalIndex);
            BitConverter.TryWriteBytes(datagram.AsSpan(8), given == DatagramType.Data ? random.Next(1000) : (long)session.LocalIndex);
        }
        return datagram;
    }
}
