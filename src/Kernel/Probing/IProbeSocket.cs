using System.Net;

namespace AkkaOverlay.Kernel.Probing;

/// <summary>An answer to a question of ours.</summary>
/// <param name="At">When it came: <see cref="TimeProvider.GetTimestamp"/> of the system's clock.</param>
public readonly record struct ProbeAnswer(IPEndPoint From, ulong Nonce, long At);

/// <summary>What became of a question.</summary>
public enum ProbeSending
{
    Sent,

    /// <summary>The kernel has no way for it, or none for its size: as good as lost.</summary>
    Refused,

    /// <summary>This host is too busy: says nothing of the way.</summary>
    Busy,
}

/// <summary>One address of this host inside the overlay: asks, and answers by itself whoever its gate lets in.</summary>
public interface IProbeSocket : IDisposable
{
    IPEndPoint Local { get; }

    ProbeGate Gate { set; }

    /// <summary>Answers given since it was opened.</summary>
    long Given { get; }

    /// <param name="length">Octets of payload.</param>
    /// <param name="problem">What the kernel says, where it does not send.</param>
    ProbeSending Ask(IPEndPoint to, ulong token, ulong nonce, int length, out string? problem);
}

/// <param name="answered">Called from the socket's own thread.</param>
/// <param name="ended">The socket receives nothing any more; called from its own thread.</param>
/// <exception cref="System.Net.Sockets.SocketException">The address is not there, or not yet.</exception>
public delegate IProbeSocket OpenProbeSocket(IPAddress local, Action<ProbeAnswer> answered, Action<string> ended);
