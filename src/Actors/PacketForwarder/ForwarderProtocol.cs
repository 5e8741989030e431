using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>What the pool and its forwarders say to each other. Never leaves the process.</summary>
internal static class ForwarderProtocol
{
    /// <summary>Serve one queue of this device, from now on.</summary>
    /// <param name="Local">Outer addresses and port.</param>
    /// <param name="Encryption">Null where the network's packets are not encrypted.</param>
    public sealed record Serve(string Device, EquatableArray<IPEndPoint> Local, ForwardingTables Tables, ForwarderOptions Options, ForwarderEncryption? Encryption)
    {
        public ForwarderSetup Setup => new(Device, Local, Tables, Options, Encryption);
    }

    /// <summary>The kernel's devices have changed: one that was not there may be there now.</summary>
    public sealed record TryAgain
    {
        public static readonly TryAgain Instance = new();
    }

    /// <summary>A forwarder was started again after a failure that nobody foresaw, and knows nothing.</summary>
    public sealed record OrderWanted
    {
        public static readonly OrderWanted Instance = new();
    }

    /// <summary>A queue is served.</summary>
    /// <param name="Lacking">See <see cref="IForwarderLoop.Lacking"/>.</param>
    public sealed record Serving(int Queue, TunOffloads Granted, bool Gro, string? Lacking);

    /// <summary>A queue is not served any more, or not yet.</summary>
    /// <param name="Ended">A loop that ran has ended.</param>
    public sealed record NotServing(int Queue, string Reason, bool Ended);
}

/// <summary>How the packet forwarders stand, for an operator.</summary>
/// <param name="Device">Null where the network needs none.</param>
/// <param name="Restarts">Loops that ended by themselves and were started again, since the process started.</param>
public sealed record ForwarderStatus(
    string? Device, int Queues, int Serving, string Offloads, long Restarts, ImmutableArray<string> Problems, ForwarderTotals Totals, ImmutableArray<PeerTraffic> Peers)
{
    public static readonly ForwarderStatus None = new(null, 0, 0, "", 0, [], ForwarderTotals.Zero, []);
}

/// <summary>Of all queues together: packets and octets are those of inner packets.</summary>
public sealed record ForwarderTotals(ImmutableDictionary<ForwarderCount, long> Counts, ImmutableDictionary<ForwarderDrop, long> Drops)
{
    public static readonly ForwarderTotals Zero = new(ImmutableDictionary<ForwarderCount, long>.Empty, ImmutableDictionary<ForwarderDrop, long>.Empty);

    public static ForwarderTotals Of(IReadOnlyCollection<ForwarderCounters> queues) => new(
        Enum.GetValues<ForwarderCount>().ToImmutableDictionary(what => what, what => queues.Sum(queue => queue[what])),
        Enum.GetValues<ForwarderDrop>().ToImmutableDictionary(reason => reason, reason => queues.Sum(queue => queue[reason])));
}

/// <param name="Node">The peer's node id.</param>
public sealed record PeerTraffic(string Node, IPEndPoint EndPoint, long SentPackets, long SentBytes, long ReceivedPackets, long ReceivedBytes);
