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

    /// <summary>Those of them from one address that is not loopback: nobody takes all of them up alone.</summary>
    public const int TcpConnectionsOfOne = 32;

    /// <summary>Those of them that listen to events: the others are for questions.</summary>
    public const int TcpListeners = 16;

    /// <summary>Refused requests over TCP that are written down at once; beyond them one a second, and how many were left out.</summary>
    public const int RefusalsTold = 20;

    /// <summary>Questions for a packet's way over TCP that are answered at once; beyond them one a second: each makes two hosts look through their kernels.</summary>
    public const int Explanations = 10;

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
