namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Inner packets and octets (IP headers included) of one peer. Each loop adds with an interlocked operation once for a whole batch.
/// </summary>
public sealed class PeerCounters
{
    private long sentPackets, sentBytes, receivedPackets, receivedBytes;

    public long SentPackets => Interlocked.Read(ref sentPackets);

    public long SentBytes => Interlocked.Read(ref sentBytes);

    public long ReceivedPackets => Interlocked.Read(ref receivedPackets);

    public long ReceivedBytes => Interlocked.Read(ref receivedBytes);

    internal void Sent(int packets, long bytes)
    {
        Interlocked.Add(ref sentPackets, packets);
        Interlocked.Add(ref sentBytes, bytes);
    }

    internal void Received(int packets, long bytes)
    {
        Interlocked.Add(ref receivedPackets, packets);
        Interlocked.Add(ref receivedBytes, bytes);
    }
}
