using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.Node.Lab;

/// <summary>Sends ICMP echo requests from a namespace, IPv4 and IPv6. Needs CAP_NET_RAW.</summary>
public sealed class Pinger : IDisposable
{
    private readonly ushort id = (ushort)Random.Shared.Next(ushort.MaxValue + 1);
    private readonly ConcurrentDictionary<ulong, Waiter> waiters = new();
    private readonly Lazy<EchoSocket> socket4;
    private readonly Lazy<EchoSocket> socket6;
    private ulong lastToken = (ulong)Random.Shared.NextInt64();

    public Pinger(NetworkNamespace inside)
    {
        ArgumentNullException.ThrowIfNull(inside);
        socket4 = new Lazy<EchoSocket>(() => new EchoSocket(inside, ipv6: false, OnReply));
        socket6 = new Lazy<EchoSocket>(() => new EchoSocket(inside, ipv6: true, OnReply));
    }

    /// <param name="Target">Only its replies count.</param>
    /// <param name="OnReply">Sequence number and time of arrival; called on the receiving thread.</param>
    private sealed record Waiter(IPAddress Target, Action<long, long> OnReply);

    /// <summary>One echo request.</summary>
    /// <param name="payload">Octets behind the ICMP header, 16 to 65,507.</param>
    /// <returns>The round-trip time; null where no reply came in time.</returns>
    public async Task<TimeSpan?> PingAsync(IPAddress address, TimeSpan timeout, int payload = EchoPacket.DefaultPayload, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(payload, EchoPacket.SmallestPayload);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload, EchoPacket.LargestPayload);
        var reply = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong token = Register(address, (_, arrived) => reply.TrySetResult(arrived));
        try
        {
            long sent = Stopwatch.GetTimestamp();
            if (!Send(address, token, 1, payload))
                return null;
            // The reply's own time decides, not when this is scheduled again.
            if (await Task.WhenAny(reply.Task, Task.Delay(timeout, cancel)) != reply.Task && !reply.Task.IsCompleted)
                cancel.ThrowIfCancellationRequested();
            return reply.Task.IsCompleted && Stopwatch.GetElapsedTime(sent, await reply.Task) is var time && time <= timeout ? time : null;
        }
        finally
        {
            Unregister(token);
        }
    }

    /// <summary>Starts to send, and goes on until the stream is stopped.</summary>
    /// <param name="interval">10 ms where it is not said.</param>
    public PingStream PingStream(IPAddress address, TimeSpan? interval = null) => new(this, address, interval ?? TimeSpan.FromMilliseconds(10));

    public void Dispose()
    {
        foreach (var socket in new[] { socket4, socket6 })
        {
            if (socket.IsValueCreated)
                socket.Value.Dispose();
        }
    }

    internal ulong Register(IPAddress target, Action<long, long> onReply)
    {
        ulong token = Interlocked.Increment(ref lastToken);
        waiters[token] = new Waiter(target, onReply);
        return token;
    }

    internal void Unregister(ulong token) => waiters.TryRemove(token, out _);

    internal bool Send(IPAddress target, ulong token, long sequence, int payload = EchoPacket.DefaultPayload)
    {
        bool ipv6 = target.AddressFamily == AddressFamily.InterNetworkV6;
        return (ipv6 ? socket6 : socket4).Value.TrySend(new EchoPacket(id, token, sequence).Request(ipv6, payload), target);
    }

    private void OnReply(EchoPacket reply, IPAddress from, long arrived)
    {
        if (reply.Id == id && waiters.TryGetValue(reply.Token, out var waiter) && waiter.Target.Equals(from))
            waiter.OnReply(reply.Sequence, arrived);
    }
}
