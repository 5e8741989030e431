using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Run;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace AkkaOverlay.Node.Api;

/// <summary>The management API's TCP port: had before the node makes anything, opened when it can answer.</summary>
/// <param name="Token">See <see cref="TcpAccess"/>.</param>
internal sealed record TcpEntrance(Socket Socket, ApiToken? Token) : IDisposable
{
    public IPEndPoint Address { get; } = (IPEndPoint)Socket.LocalEndPoint!;

    /// <exception cref="StartException">Somebody else has the port, or this host has no such address.</exception>
    public static TcpEntrance Bind(IPEndPoint address, ApiToken? token)
    {
        try
        {
            return new TcpEntrance(SocketTransportOptions.CreateDefaultBoundListenSocket(address), token);
        }
        catch (SocketException e)
        {
            throw new StartException($"--api-listen {address}: {(e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "in use" : e.Message)}", e);
        }
    }

    public void AddTo(KestrelServerOptions kestrel) => kestrel.Listen(Address, listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(new ConnectionLimit(ApiLimits.TcpConnections, ApiLimits.TcpConnectionsOfOne).Around);
    });

    public void Dispose() => Socket.Dispose();
}
