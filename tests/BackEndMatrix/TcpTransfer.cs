using System.Net.Sockets;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>One TCP connection from container to container.</summary>
internal static class TcpTransfer
{
    private const int Port = 9000;

    /// <summary>Random octets, compared one by one with what arrives.</summary>
    /// <exception cref="InvalidDataException">Something else arrived.</exception>
    public static async Task RunAsync(LabHost from, LabHost to, bool ipv6, int octets, TimeSpan patience)
    {
        byte[] sent = new byte[octets];
        Random.Shared.NextBytes(sent);
        var address = to.Container(ipv6);
        using var listener = to.Container.Run(() => new TcpListener(address, Port));
        listener.Start();
        var receiving = ReceiveAsync(listener);
        using (var client = from.Container.Run(() => new TcpClient(address.AddressFamily)))
        {
            await client.ConnectAsync(address, Port).WaitAsync(patience);
            await client.GetStream().WriteAsync(sent).AsTask().WaitAsync(patience);
        }
        byte[] received = await receiving.WaitAsync(patience);
        if (!sent.AsSpan().SequenceEqual(received))
            throw new InvalidDataException($"{octets} octets sent, {received.Length} arrived, the first {sent.AsSpan().CommonPrefixLength(received)} the same");
    }

    private static async Task<byte[]> ReceiveAsync(TcpListener listener)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        using var all = new MemoryStream();
        await connection.GetStream().CopyToAsync(all);
        return all.ToArray();
    }
}
