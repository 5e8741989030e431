using System.Collections.Concurrent;
using System.Net;
using AkkaOverlay.Kernel.Probing;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>The other end of every socket: answers at once what <see cref="Arrives"/> lets through.</summary>
internal sealed class FakeProbeNetwork
{
    public ConcurrentDictionary<IPAddress, Socket> Open { get; } = [];

    /// <summary>Destination, and octets of payload.</summary>
    public Func<IPEndPoint, int, bool> Arrives { get; set; } = (_, _) => true;

    public ConcurrentQueue<(IPEndPoint To, ulong Token, int Length)> Asked { get; } = [];

    public IProbeSocket OpenSocket(IPAddress local, Action<ProbeAnswer> answered, Action<string> ended) => Open[local] = new Socket(this, new IPEndPoint(local, 40_000), answered, ended);

    internal sealed class Socket(FakeProbeNetwork network, IPEndPoint local, Action<ProbeAnswer> answered, Action<string> ended) : IProbeSocket
    {
        public IPEndPoint Local => local;

        public ProbeGate Gate { get; set; } = ProbeGate.Shut;

        public long Given => 0;

        public bool Closed { get; private set; }

        public ProbeSending Ask(IPEndPoint to, ulong token, ulong nonce, int length, out string? problem)
        {
            problem = null;
            network.Asked.Enqueue((to, token, length));
            if (network.Arrives(to, length))
                answered(new ProbeAnswer(to, nonce, TimeProvider.System.GetTimestamp()));
            return ProbeSending.Sent;
        }

        public void Fail() => ended("Network is down");

        public void Dispose() => Closed = true;
    }
}
