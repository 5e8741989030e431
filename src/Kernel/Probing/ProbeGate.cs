using System.Collections.Frozen;
using System.Net;

namespace AkkaOverlay.Kernel.Probing;

/// <summary>Who gets an answer: a known peer, from the address and port that it announced, with the token that it was told.</summary>
public sealed class ProbeGate(ulong token, IEnumerable<IPEndPoint> askers)
{
    /// <summary>Nobody.</summary>
    public static readonly ProbeGate Shut = new(0, []);

    private readonly FrozenSet<IPEndPoint> askers = askers.ToFrozenSet();

    /// <summary>It is the end point of a peer: who probes us is who is probed by us.</summary>
    public bool Knows(IPEndPoint from) => askers.Contains(from);

    /// <returns>The answer, as long as the question, so that nobody gains by a false sender; null where there is none to give.</returns>
    public byte[]? Answer(IPEndPoint from, ReadOnlySpan<byte> payload)
    {
        if (!ProbeDatagram.TryRead(payload, out var question) || question.Kind != ProbeKind.Question || question.Token != token || !askers.Contains(from))
            return null;
        byte[] answer = new byte[payload.Length];
        new ProbeDatagram(ProbeKind.Answer, 0, question.Nonce).Write(answer);
        return answer;
    }
}
