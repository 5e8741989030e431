using System.Net.Sockets;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Api;

/// <summary>What stands where a node has its socket.</summary>
internal enum SocketState
{
    Absent,

    /// <summary>A process that is gone left it behind (unix(7): the file outlives the socket).</summary>
    Stale,

    /// <summary>A node listens.</summary>
    Answered,
}

/// <summary>The management API's socket file: it tells whether a node runs with this run directory.</summary>
internal static class ApiSocket
{
    public static string PathIn(string runDirectory) => Path.Combine(runDirectory, "api.sock");

    public static string Taken(string path) => $"{path}: another akka-overlay runs with this --run-dir";

    /// <exception cref="StartException">Something stands there that is no socket of ours, or that may not be asked.</exception>
    public static SocketState Look(string path)
    {
        if (!File.Exists(path))
            return SocketState.Absent;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return SocketState.Answered;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return SocketState.Stale;
        }
        catch (SocketException e)
        {
            throw new StartException($"{path}: not a socket of ours ({e.Message}); delete it", e);
        }
    }
}
