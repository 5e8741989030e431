using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Stands where systemd would: a datagram socket that notes what a service says about itself, and when.</summary>
internal sealed class NotifyMailbox : IDisposable
{
    private readonly Socket socket;
    private readonly List<Notice> notices = [];
    private readonly string? file;

    /// <param name="address">A path or '@' and an abstract name, as in NOTIFY_SOCKET.</param>
    /// <param name="inside">Abstract names are of one network namespace (unix(7)).</param>
    public NotifyMailbox(string address, NetworkNamespace inside)
    {
        socket = inside.Run(() => new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified));
        Address = address;
        file = address[0] == '@' ? null : address;
        socket.Bind(new UnixDomainSocketEndPoint(file ?? $"\0{address[1..]}"));
        new Thread(Receive) { IsBackground = true, Name = "notify mailbox" }.Start();
    }

    public string Address { get; }

    public IReadOnlyList<Notice> Notices
    {
        get
        {
            lock (notices)
                return [.. notices];
        }
    }

    public bool Has(string assignment) => Notices.Any(notice => notice.Assignment == assignment);

    public void Dispose()
    {
        socket.Dispose();
        if (file is not null)
            File.Delete(file);
    }

    private void Receive()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                string text = Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
                lock (notices)
                    notices.AddRange(text.Split('\n').Select(line => new Notice(Stopwatch.GetTimestamp(), line)));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed by Dispose.
        }
    }
}

/// <param name="At">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
internal sealed record Notice(long At, string Assignment);
