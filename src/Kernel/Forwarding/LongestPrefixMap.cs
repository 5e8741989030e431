using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Longest prefix match on an immutable map: one hash table for each prefix length that occurs, longest first. In an overlay nearly all subnets have one
/// length, so a look-up is one or two probes, and a map of 10,000 subnets is built in well under a millisecond.
/// </summary>
/// <typeparam name="TKey">An address as a number: <see cref="uint"/> or <see cref="UInt128"/>.</typeparam>
/// <typeparam name="TValue">Whatever owns a prefix.</typeparam>
internal sealed class LongestPrefixMap<TKey, TValue>
    where TKey : unmanaged, IBinaryInteger<TKey>
    where TValue : class
{
    private readonly Level[] levels;

    /// <param name="entries">Addresses without host bits; of two with the same prefix the later one counts.</param>
    public LongestPrefixMap(IEnumerable<(TKey Network, int Length, TValue Value)> entries) =>
        levels = [.. entries.GroupBy(entry => entry.Length).OrderByDescending(group => group.Key).Select(group => new Level(group.Key, [.. group.Select(entry => (entry.Network, entry.Value))]))];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(TKey address, [NotNullWhen(true)] out TValue? value)
    {
        foreach (var level in levels)
        {
            if ((value = level.Find(address)) is not null)
                return true;
        }
        value = null;
        return false;
    }

    private sealed class Level
    {
        private readonly TKey mask;
        private readonly int slots;
        private readonly TKey[] keys;
        private readonly TValue?[] values;

        public Level(int length, IReadOnlyCollection<(TKey Network, TValue Value)> entries)
        {
            int hostBits = (Unsafe.SizeOf<TKey>() * 8) - length;
            mask = length == 0 ? TKey.Zero : TKey.AllBitsSet << hostBits;
            int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, entries.Count * 2));
            slots = size - 1;
            keys = new TKey[size];
            values = new TValue?[size];
            foreach (var (network, value) in entries)
            {
                int slot = SlotOf(network);
                while (values[slot] is not null && keys[slot] != network)
                    slot = (slot + 1) & slots;
                (keys[slot], values[slot]) = (network, value);
            }
        }

        public TValue? Find(TKey address)
        {
            var network = address & mask;
            for (int slot = SlotOf(network); values[slot] is { } value; slot = (slot + 1) & slots)
            {
                if (keys[slot] == network)
                    return value;
            }
            return null;
        }

        /// <summary>Fibonacci hashing (Knuth, TAOCP 3, 6.4) of the address folded to 64 bits.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private int SlotOf(TKey network)
        {
            ulong folded = ulong.CreateTruncating(network);
            if (Unsafe.SizeOf<TKey>() > sizeof(ulong))
                folded = (folded * 0x9E37_79B9_7F4A_7C15) ^ ulong.CreateTruncating(network >> 64);
            return (int)((folded * 0x9E37_79B9_7F4A_7C15) >> 32) & slots;
        }
    }
}
