using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AkkaOverlay.Node.Api;

/// <summary>What a client may cost this process.</summary>
internal static class ApiLimits
{
    /// <summary>Octets of a request's body.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <summary>
    /// Octets of a body that is refused, read for as long as the web server waits for one (5 s): who is still sending hears the reason, and not that the connection was
    /// reset under the rest (RFC 9112, 9.6). Beyond them it is.
    /// </summary>
    public const int DrainedBytes = 4 * 1024 * 1024;

    /// <summary>Over TCP, all clients together.</summary>
    public const int TcpConnections = 64;

    /// <summary>Those of them that listen to events: the others are for questions.</summary>
    public const int TcpListeners = 16;

    public static void Set(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = DrainedBytes;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
    }
}

/// <summary>Closes each connection beyond so many at a time.</summary>
internal sealed class ConnectionLimit(int most)
{
    private int open;

    public ConnectionDelegate Around(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref open) <= most)
                await next(connection);
            else
                connection.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    };
}
