using System.Net.Sockets;
using System.Text;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// Sends the service manager its datagrams (sd_notify(3)). Never waits: the node does not stand still because its observer does.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint manager;

    /// <param name="address">A path, or '@' and an abstract name (unix(7)): there the first octet is zero.</param>
    /// <exception cref="ArgumentException">It is neither, or too long for sun_path.</exception>
    public NotifySocket(string address)
    {
        if (address.Length < 2 || address[0] is not ('/' or '@'))
            throw new ArgumentException("neither a path nor an abstract name");
        try
        {
            manager = new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address.AsSpan(1)}" : address);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new ArgumentException("too long for a socket's address");
        }
    }

    /// <param name="assignments">Lines such as READY=1.</param>
    /// <exception cref="SocketException">Nobody listens, or the manager's queue is full (EAGAIN).</exception>
    public void Send(string assignments) => socket.SendTo(Encoding.UTF8.GetBytes(assignments), manager);

    public void Dispose() => socket.Dispose();
}
