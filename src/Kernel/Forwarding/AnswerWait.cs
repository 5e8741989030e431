using System.Diagnostics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Whether a thread that passed a lone packet on should ask for the answer for a moment before it sleeps: learned from how soon answers came. (KVM's idle processors learn it
/// in the same way, Documentation/virt/kvm/halt-polling.rst.) All times are in units of <see cref="Stopwatch"/>.
/// </summary>
internal sealed class AnswerWait
{
    /// <summary>100 µs: what a round trip takes where nobody sleeps meanwhile, and some more.</summary>
    public static readonly long Longest = Stopwatch.Frequency / 10_000;

    /// <summary>An answer may take so long while those on its way still sleep. It comes sooner once nobody does, so that asking is given a trial.</summary>
    private static readonly long Promising = 4 * Longest;

    /// <summary>100 ms without a trial once asking did not pay.</summary>
    private static readonly long Rest = Stopwatch.Frequency / 10;

    /// <summary>10 ms: a pause, or a processor on which others keep this thread from running.</summary>
    private static readonly long Pause = Stopwatch.Frequency / 100;

    private const int Sure = 8;

    private int trust;
    private long restUntil = long.MinValue;

    /// <summary>Whether asking pays, as far as is known.</summary>
    public bool Pays { get; private set; }

    /// <summary>The answer came so long after the packet.</summary>
    public void Came(long after, long now)
    {
        if (Pays)
            Learn(after <= Longest ? 1 : after < Pause ? -2 : -Sure, now);
        else if (now >= restUntil)
            trust = after <= Promising ? trust + 1 : 0;
        if (trust >= Sure)
            Pays = true;
    }

    /// <summary>What came was no answer, but more of the same.</summary>
    public void Missed(long now)
    {
        if (Pays)
            Learn(-2, now);
        else
            trust = 0;
    }

    private void Learn(int difference, long now)
    {
        trust = Math.Min(trust + difference, Sure);
        if (trust > 0)
            return;
        trust = 0;
        Pays = false;
        restUntil = now + Rest;
    }
}
