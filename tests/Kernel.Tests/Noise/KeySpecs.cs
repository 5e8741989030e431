using AkkaOverlay.Kernel.Noise;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class KeySpecs
{
    private static readonly Gen<byte[]> s_octets = Gen.Byte.Array[PublicKey.Length];

    [Fact]
    public void Text_and_octets_round_trip() => s_octets.Sample(octets =>
    {
        var key = PublicKey.FromBytes(octets);
        return PublicKey.Parse(key.ToString()) == key && key.ToBytes().SequenceEqual(octets) && key.ToString() == Convert.ToBase64String(octets);
    });

    [Fact]
    public void Keys_are_ordered_as_their_octets() => Gen.Select(s_octets, s_octets).Sample((a, b) =>
        Math.Sign(PublicKey.FromBytes(a).CompareTo(PublicKey.FromBytes(b))) == Math.Sign(a.AsSpan().SequenceCompareTo(b)));

    [Fact]
    public void Keys_of_the_same_octets_are_equal() => s_octets.Sample(octets =>
    {
        var (a, b) = (PublicKey.FromBytes(octets), PublicKey.FromBytes(octets));
        octets[^1] ^= 1;
        return a == b && a.GetHashCode() == b.GetHashCode() && a != PublicKey.FromBytes(octets);
    });

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData(" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_=")]
    public void Anything_but_base64_of_32_octets_is_refused(string text) => Assert.Throws<FormatException>(() => PublicKey.Parse(text));

    [Fact]
    public void Other_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PublicKey.FromBytes(new byte[31]));
        Assert.Throws<ArgumentException>(() => PublicKey.FromBytes(new byte[33]));
        Assert.Throws<ArgumentException>(() => StaticKey.FromBytes(new byte[31]));
    }

    [Fact]
    public void A_private_key_survives_its_file()
    {
        using var key = StaticKey.Generate();
        using var again = StaticKey.FromBytes(key.Export());
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.Equal(key.Export(), again.Export());
    }

    [Fact]
    public void Text_of_a_private_key_shows_the_public_one_only()
    {
        using var key = StaticKey.Generate();
        byte[] secret = key.Export();

        Assert.Contains(key.PublicKey.ToString(), key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(secret)[..8], key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(secret)[..8], key.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_disposed_key_is_of_no_use()
    {
        var key = StaticKey.Generate();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(key.Export);
        Assert.Throws<ObjectDisposedException>(() => key.PrivateKey.TryAgree(key.PublicKey, new byte[32]));
    }

    [Fact]
    public void Two_keys_differ() => Assert.NotEqual(StaticKey.Generate().PublicKey, StaticKey.Generate().PublicKey);
}
