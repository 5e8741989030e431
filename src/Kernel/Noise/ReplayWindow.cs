namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// Which counters were seen: the sliding window of RFC 6479, a ring of words in which one word more than the window is kept, so that the window advances
/// by clearing words and never by shifting. Not for several threads.
/// </summary>
internal sealed class ReplayWindow
{
    /// <summary>Counters that are told apart: the highest, and those less than this behind it.</summary>
    public const int Size = 8192;

    private const int WordBits = 64;
    private const int Words = (Size / WordBits) + 1;

    private readonly ulong[] _seen = new ulong[Words];

    /// <summary>One more than the highest counter; 0 before the first.</summary>
    private ulong _end;

    /// <summary>To be asked about authentic counters only, for it remembers them.</summary>
    /// <returns>False for a counter that was seen, or that is too old to tell.</returns>
    public bool TryAccept(ulong counter)
    {
        if (counter >= _end)
            Advance(counter);
        else if (_end - counter > Size)
            return false;

        ref ulong word = ref _seen[counter / WordBits % Words];
        ulong bit = 1UL << (int)(counter % WordBits);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }

    private void Advance(ulong counter)
    {
        ulong newest = _end == 0 ? 0 : (_end - 1) / WordBits;
        ulong fresh = Math.Min((counter / WordBits) - newest, Words);
        for (ulong i = 1; i <= fresh; i++)
            _seen[(newest + i) % Words] = 0;
        _end = counter + 1;
    }
}
