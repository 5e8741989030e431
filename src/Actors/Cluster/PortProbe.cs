using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>What a plain TCP connection finds at a host's cluster port.</summary>
public enum PortState
{
    /// <summary>Somebody accepts connections there.</summary>
    Listens,

    /// <summary>The host is there and nobody listens (ECONNREFUSED): a process that listened there has ended.</summary>
    Refuses,

    /// <summary>No answer in time, or none can be had.</summary>
    Silent,
}

/// <summary>
/// Asks before Akka does: its remoting shuts a gate for seconds before an address that refused a connection, a plain connection finds out at no cost.
/// </summary>
public static class PortProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    public static async Task<PortState> Ask(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(Timeout);
        try
        {
            await socket.ConnectAsync(endPoint, patience.Token);
            return PortState.Listens;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return PortState.Refuses;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return PortState.Silent;
        }
    }
}
