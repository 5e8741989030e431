using System.Net;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>One queue that is being served. Disposing ends its threads and waits for them.</summary>
public interface IForwarderLoop : IDisposable
{
    /// <summary>What this kernel lets the TUN device leave undone.</summary>
    TunOffloads Granted { get; }

    /// <summary>Every socket takes datagrams in trains.</summary>
    bool Gro { get; }
}

/// <inheritdoc cref="ForwarderLoop.Start"/>
public delegate IForwarderLoop StartForwarderLoop(
    string device, IReadOnlyList<IPEndPoint> local, ForwardingTables tables, ForwarderCounters counters, ForwarderOptions options, Action<Exception> failed);
