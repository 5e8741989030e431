using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A TCP port of loopback whose connections lead to another socket: for programs that know only TCP, or only this network namespace.</summary>
internal sealed class SocketRelay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Func<CancellationToken, Task<Socket>> connect;
    private readonly Task accepting;

    /// <param name="path">Of a unix socket.</param>
    public SocketRelay(string path)
        : this(async cancel =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return socket;
        })
    {
    }

    /// <param name="inside">A namespace from which the end point is reached over TCP.</param>
    public SocketRelay(NetworkNamespace inside, IPEndPoint endPoint)
        : this(async cancel =>
        {
            var socket = inside.Run(() => new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            await socket.ConnectAsync(endPoint, cancel);
            return socket;
        })
    {
    }

    private SocketRelay(Func<CancellationToken, Task<Socket>> connect)
    {
        this.connect = connect;
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
            using (client)
            {
                using var socket = await connect(end.Token);
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
