using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace AkkaOverlay.Node.Api;

/// <summary>Closes each connection beyond so many at a time, of all and of one address.</summary>
/// <param name="most">All together.</param>
/// <param name="mostOfOne">Of one IPv4 address, or of one /64 of IPv6, which is one host's; loopback, where a proxy may speak for everybody, counts only in all.</param>
internal sealed class ConnectionLimit(int most, int mostOfOne)
{
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, int> ofOne = [];
    private int open;

    public ConnectionDelegate Around(ConnectionDelegate next) => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (!Enter(address))
        {
            connection.Abort();
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(address);
        }
    };

    /// <returns>False where there are too many; then it is not counted.</returns>
    internal bool Enter(IPAddress? address)
    {
        lock (gate)
        {
            if (open >= most)
                return false;
            if (KeyOf(address) is { } one)
            {
                int its = ofOne.GetValueOrDefault(one);
                if (its >= mostOfOne)
                    return false;
                ofOne[one] = its + 1;
            }
            open++;
            return true;
        }
    }

    internal void Leave(IPAddress? address)
    {
        lock (gate)
        {
            open--;
            if (KeyOf(address) is not { } one)
                return;
            if (--ofOne[one] == 0)
                ofOne.Remove(one);
        }
    }

    private static IPAddress? KeyOf(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        if (address is null || IPAddress.IsLoopback(address))
            return null;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address;
        byte[] octets = address.GetAddressBytes();
        Array.Clear(octets, 8, 8);
        return new IPAddress(octets);
    }
}
