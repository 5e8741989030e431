using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace AkkaOverlay.Node.Api;

/// <summary>Who is at the other end of a unix socket, by the kernel's word (unix(7), SO_PEERCRED): as it was when the process connected.</summary>
/// <param name="Pid">0 for a process in a pid namespace that this one cannot see into.</param>
internal sealed record PeerCredentials(int Pid, uint Uid, uint Gid)
{
    // asm-generic/socket.h
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;

    /// <returns>Null where the request's connection is not known to be one of a unix socket.</returns>
    public static PeerCredentials? Of(HttpContext context) => context.Features.Get<PeerCredentials>();

    /// <summary>Notes them for every request of a connection as it begins: later the socket may be closed, while what was asked is still worked at.</summary>
    public static ConnectionDelegate Around(ConnectionDelegate next) => connection =>
    {
        try
        {
            if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && Of(socket) is { } credentials)
                connection.Features.Set(credentials);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // Gone again already: whatever it has sent comes from nobody who is known.
        }
        return next(connection);
    };

    public static PeerCredentials? Of(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
            return null;
        // struct ucred: pid, uid, gid.
        Span<int> words = stackalloc int[3];
        return socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, MemoryMarshal.AsBytes(words)) == 3 * sizeof(int)
            ? new PeerCredentials(words[0], (uint)words[1], (uint)words[2])
            : null;
    }

    /// <summary>The program's name as it calls itself (proc(5), comm); "?" where the process is gone.</summary>
    public string Program
    {
        get
        {
            try
            {
                return File.ReadAllText($"/proc/{Pid}/comm").Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "?";
            }
        }
    }
}
