using AkkaOverlay.Kernel.Forwarding;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed unsafe class InternetChecksumSpecs
{
    /// <summary>RFC 1071, section 3: 0001 f203 f4f5 f6f7 add up to ddf2.</summary>
    [Fact]
    public void The_example_of_the_RFC()
    {
        byte[] data = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7];
        Assert.Equal(IpHeader.NetworkOrder(0xDDF2), InternetChecksum.Fold(Sum(data, 0)));
    }

    [Fact]
    public void Every_length_and_place_gives_what_adding_words_one_by_one_gives() =>
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[0, 33]).Sample((data, skip) =>
        {
            skip = Math.Min(skip, data.Length);
            ulong expected = 0;
            for (int i = skip; i < data.Length; i += 2)
                expected += IpHeader.NetworkOrder((data[i] << 8) | (i + 1 < data.Length ? data[i + 1] : 0));
            while (expected > 0xFFFF)
                expected = (expected & 0xFFFF) + (expected >> 16);
            Assert.Equal((ushort)expected, InternetChecksum.Fold(Sum(data, skip)));
        }, iter: 3000);

    [Fact]
    public void The_largest_packet_of_ones_does_not_overflow()
    {
        byte[] data = new byte[65_535];
        data.AsSpan().Fill(0xFF);
        Assert.Equal(IpHeader.NetworkOrder(0xFF00), InternetChecksum.Fold(Sum(data, 0)));
    }

    private static ulong Sum(byte[] data, int skip)
    {
        fixed (byte* start = data)
            return InternetChecksum.Add(0, start + skip, data.Length - skip);
    }
}
