namespace AkkaOverlay.Kernel.Netlink;

/// <summary>Datagrams to and from the kernel; the tests put a scripted kernel in its place.</summary>
internal interface INetlinkChannel : IDisposable
{
    uint PortId { get; }

    /// <exception cref="NetlinkException">The system call failed.</exception>
    void Send(ReadOnlySpan<byte> messages);

    /// <summary>The next datagram of the kernel; valid until the next call.</summary>
    /// <exception cref="NetlinkException">ETIMEDOUT when none came in time, ENOBUFS when some were lost, EMSGSIZE when one was too long.</exception>
    ReadOnlySpan<byte> Receive();
}
