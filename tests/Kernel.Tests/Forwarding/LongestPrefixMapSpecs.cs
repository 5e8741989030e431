using AkkaOverlay.Kernel.Forwarding;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed class LongestPrefixMapSpecs
{
    private static readonly Gen<(uint Network, int Length)[]> Prefixes = Gen.Select(Gen.UInt, Gen.Int[0, 32], (bits, length) => (Mask(bits, length), length)).Array[0, 40];

    [Fact]
    public void It_finds_what_a_search_through_all_of_them_finds() =>
        Gen.Select(Prefixes, Gen.UInt.Array[20]).Sample((prefixes, addresses) =>
        {
            var map = new LongestPrefixMap<uint, string>(prefixes.Select(prefix => (prefix.Network, prefix.Length, $"{prefix}")));
            // Addresses at the edges of the prefixes too, where mistakes are.
            foreach (uint address in addresses.Concat(prefixes.SelectMany(prefix => new[] { prefix.Network, prefix.Network - 1, prefix.Network | ~Mask(uint.MaxValue, prefix.Length) })))
            {
                string? expected = prefixes.Where(prefix => Mask(address, prefix.Length) == prefix.Network).OrderByDescending(prefix => prefix.Length).Select(prefix => $"{prefix}").FirstOrDefault();
                Assert.Equal(expected, map.TryFind(address, out string? found) ? found : null);
            }
        }, iter: 2000);

    [Fact]
    public void IPv6_keys_are_told_apart_in_both_halves()
    {
        var entries = Enumerable.Range(0, 1000).Select(i => (Network: ((UInt128)(uint)i << 96) | ((UInt128)(uint)(i * 7) << 64), Length: 64, Value: $"{i}")).ToList();
        var map = new LongestPrefixMap<UInt128, string>(entries);
        foreach (var (network, _, value) in entries)
        {
            Assert.True(map.TryFind(network | 0xFFFF, out string? found));
            Assert.Equal(value, found);
            Assert.False(map.TryFind(network | (UInt128.One << 65) | ((UInt128)0x8000_0000 << 96), out _));
        }
    }

    private static uint Mask(uint bits, int length) => length == 0 ? 0 : bits & (uint.MaxValue << (32 - length));
}
