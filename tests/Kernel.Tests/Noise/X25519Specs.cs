using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>That libsodium loads here, and is the X25519 that the field knows.</summary>
public sealed class X25519Specs
{
    /// <summary>RFC 7748, section 6.1.</summary>
    [Fact]
    public void The_example_of_the_rfc_comes_out()
    {
        using var alice = StaticKey.FromBytes(Convert.FromHexString("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a".AsSpan()));
        using var bob = StaticKey.FromBytes(Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb".AsSpan()));
        byte[] secret = new byte[32];

        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Convert.ToHexStringLower(alice.PublicKey.ToBytes()));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(bob.PublicKey.ToBytes()));
        Assert.True(alice.PrivateKey.TryAgree(bob.PublicKey, secret));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(secret));
    }

    /// <summary>Points of small order, of which every secret is zero: 0, 1, two of order 8, p - 1, p and p + 1 (RFC 7748, sections 5 and 7).</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void A_secret_that_anybody_knows_is_refused(string point)
    {
        using var key = StaticKey.Generate();
        using var endpoint = new NoiseEndpoint(key, epoch: 1);
        var small = PublicKey.FromBytes(Convert.FromHexString(point.AsSpan()));

        Assert.False(key.PrivateKey.TryAgree(small, new byte[32]));
        Assert.Throws<ArgumentException>(() => endpoint.Add(small));
    }

    [Fact]
    public void A_key_that_rested_agrees_as_before()
    {
        using var key = PrivateKey.Generate();
        using var other = PrivateKey.Generate();
        byte[] before = new byte[32], after = new byte[32], theirs = new byte[32];

        Assert.True(key.TryAgree(other.PublicKey, before));
        key.Rest();
        Assert.True(key.TryAgree(other.PublicKey, after));
        Assert.True(other.TryAgree(key.PublicKey, theirs));

        Assert.Equal(before, after);
        Assert.Equal(before, theirs);
    }
}
