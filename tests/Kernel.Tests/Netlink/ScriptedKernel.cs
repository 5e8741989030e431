using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Tests.Netlink;

/// <summary>A kernel whose answers the test writes: for each request sent, the datagrams that follow.</summary>
internal sealed class ScriptedKernel(Func<uint, IEnumerable<byte[]>> answer) : INetlinkChannel
{
    private readonly Queue<byte[]> _waiting = [];

    public uint PortId => 4711;

    public int Requests { get; private set; }

    /// <summary>The most requests that came in one system call.</summary>
    public int LargestBatch { get; private set; }

    public void Send(ReadOnlySpan<byte> messages)
    {
        int before = Requests;
        foreach (var message in new MessageReader(messages))
        {
            Requests++;
            LargestBatch = Math.Max(LargestBatch, Requests - before);
            foreach (byte[] datagram in answer(message.Sequence))
                _waiting.Enqueue(datagram);
        }
    }

    public ReadOnlySpan<byte> Receive() =>
        _waiting.TryDequeue(out byte[]? datagram) ? datagram : throw new NetlinkException(Errno.Error(Errno.ETIMEDOUT, "receive from the kernel"));

    public void Dispose()
    {
    }
}

/// <summary>Passes everything through and keeps what the kernel said.</summary>
internal sealed class RecordingChannel(INetlinkChannel kernel) : INetlinkChannel
{
    public List<byte[]> Received { get; } = [];

    public uint PortId => kernel.PortId;

    public void Send(ReadOnlySpan<byte> messages) => kernel.Send(messages);

    public ReadOnlySpan<byte> Receive()
    {
        var datagram = kernel.Receive();
        Received.Add(datagram.ToArray());
        return datagram;
    }

    public void Dispose() => kernel.Dispose();
}
