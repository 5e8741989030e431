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

    /// <summary>What could not be had though packets flow, for an operator; null where nothing is lacking.</summary>
    string? Lacking { get; }
}

/// <summary>What all loops of one device share.</summary>
/// <param name="Device">A TUN device that is there.</param>
/// <param name="Local">Outer addresses and port of this host, one for each family.</param>
/// <param name="Encryption">Null where the network's packets are not encrypted.</param>
public sealed record ForwarderSetup(string Device, IReadOnlyList<IPEndPoint> Local, ForwardingTables Tables, ForwarderOptions Options, ForwarderEncryption? Encryption = null);

/// <inheritdoc cref="ForwarderLoop.Start"/>
public delegate IForwarderLoop StartForwarderLoop(ForwarderSetup setup, int queue, ForwarderCounters counters, Action<Exception> failed);
