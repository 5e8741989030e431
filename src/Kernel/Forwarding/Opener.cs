using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Decrypts what one thread received, where it lies, and passes handshakes on. Plain packets are refused: somebody who has no keys sent them.</summary>
internal sealed unsafe class Opener(ForwarderEncryption encryption, ForwarderCounters counters, int slot)
{
    private const int MostDatagrams = 65_536 / WireFormat.DataOverhead;

    private readonly HandshakeGate gate = new(encryption);
    private readonly OpenedDatagram[] results = new OpenedDatagram[MostDatagrams];
    private readonly List<OpenedPacket> opened = new(64);

    /// <param name="sender">A socket address: says nothing of a packet, but whose handshakes come first.</param>
    /// <param name="data">Datagrams of one size, but for the last, one after another.</param>
    /// <returns>The packets, in their order; good until the next call.</returns>
    public List<OpenedPacket> Open(ForwardingTable table, ReadOnlySpan<byte> sender, byte* data, int length, int size)
    {
        opened.Clear();
        var now = BootClock.Now;
        for (int at = 0; at < length;)
        {
            var datagram = new ReadOnlySpan<byte>(data + at, Math.Min(size, length - at));
            switch (WireFormat.TypeOf(datagram))
            {
                case DatagramType.Data:
                    at += OpenRun(data, at, length, size, now);
                    continue;
                case DatagramType.Initiation or DatagramType.Response:
                    if (!gate.TryPass(table, sender, datagram, now))
                        counters.Drop(ForwarderDrop.Undecipherable);
                    break;
                default:
                    counters.Drop(datagram.Length > 0 && datagram[0] >> 4 is 4 or 6 ? ForwarderDrop.Plaintext : ForwarderDrop.Malformed);
                    break;
            }
            at += size;
        }
        return opened;
    }

    /// <summary>Neighbours of one session.</summary>
    /// <returns>Octets.</returns>
    private int OpenRun(byte* data, int from, int length, int size, TimeSpan now)
    {
        uint index = WireFormat.IndexOfData(new ReadOnlySpan<byte>(data + from, WireFormat.DataOverhead));
        int end = from + size, count = 1;
        while (end + WireFormat.DataOverhead <= length && WireFormat.TypeOf(new ReadOnlySpan<byte>(data + end, Math.Min(size, length - end))) == DatagramType.Data
            && WireFormat.IndexOfData(new ReadOnlySpan<byte>(data + end, WireFormat.DataOverhead)) == index)
        {
            end += size;
            count++;
        }
        end = Math.Min(end, length);
        if (encryption.Endpoint.Sessions.Find(index) is not { Session: { } session } entry)
        {
            counters.Drop(ForwarderDrop.Undecipherable, count);
            return end - from;
        }
        var datagrams = new ReadOnlySpan<byte>(data + from, end - from);
        var inPlace = new Span<byte>(data + from + WireFormat.DataHeaderLength, end - from - WireFormat.DataHeaderLength);
        if (session.OpenBatch(datagrams, size, inPlace, size, results, now, slot) > 0 && !session.IsConfirmed)
            encryption.Opened(entry);
        for (int i = 0; i < count; i++)
        {
            switch (results[i])
            {
                case { Result: OpenResult.Opened, Length: > 0 and var packet }:
                    opened.Add(new OpenedPacket(entry.Peer, from + (i * size) + WireFormat.DataHeaderLength, packet));
                    break;
                case { Result: OpenResult.Opened }:
                    // A keepalive: it was worth its being authentic.
                    break;
                case { Result: OpenResult.Replay }:
                    counters.Drop(ForwarderDrop.Replayed);
                    break;
                default:
                    counters.Drop(ForwarderDrop.Undecipherable);
                    break;
            }
        }
        return end - from;
    }
}

/// <param name="Keys">The peer whose session it came by.</param>
/// <param name="At">Octets from the start of the data.</param>
internal readonly record struct OpenedPacket(PeerKeyExchange Keys, int At, int Length);
