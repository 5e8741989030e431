using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A TCP port of loopback whose connections lead to a unix socket: for programs that know only TCP.</summary>
internal sealed class SocketRelay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly string path;
    private readonly Task accepting;

    public SocketRelay(string path)
    {
        this.path = path;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Address and port.</summary>
    public string Address => listener.LocalEndpoint.ToString()!;

    public void Dispose()
    {
        end.Cancel();
        listener.Dispose();
        accepting.Wait(TimeSpan.FromSeconds(5));
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(RelayAsync(await listener.AcceptTcpClientAsync(end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            using (client)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), end.Token);
                await using var near = client.GetStream();
                await using var far = new NetworkStream(socket);
                await Task.WhenAny(near.CopyToAsync(far, end.Token), far.CopyToAsync(near, end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One of the two ends has gone: so does the other.
        }
    }
}
