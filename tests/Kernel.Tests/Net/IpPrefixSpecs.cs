using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Net;

public sealed class IpPrefixSpecs
{
    private static readonly Gen<IpPrefix> s_prefixes = Gen.OneOf(
        Gen.Select(Gen.UInt, Gen.Int[0, 32], (bits, length) => new IpPrefix(AddressMath.FromBits(bits, AddressFamily.InterNetwork), length)),
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 128], (high, low, length) => new IpPrefix(AddressMath.FromBits(new UInt128(high, low), AddressFamily.InterNetworkV6), length)));

    [Fact]
    public void Text_round_trips() => s_prefixes.Sample(prefix => IpPrefix.Parse(prefix.ToString()) == prefix);

    [Fact]
    public void The_network_holds_the_address_and_ends_at_the_last() => s_prefixes.Sample(prefix =>
    {
        var network = prefix.Network;
        return network.IsNetwork && network.Contains(prefix.Address) && network.Contains(prefix.Last) && network.Overlaps(prefix)
            && network.AddressAt(0).Equals(network.Address) && prefix.Last.ToBits() - network.Address.ToBits() + 1 == (prefix.Length == 0 && !prefix.IsIPv4 ? 0 : prefix.Size);
    });

    [Fact]
    public void Order_agrees_with_equality() => Gen.Select(s_prefixes, s_prefixes).Sample((left, right) =>
        left.CompareTo(right) == -right.CompareTo(left) && (left.CompareTo(right) == 0) == (left == right));

    [Theory]
    [InlineData("0.0.0.0/0", "255.255.255.255", "4294967296")]
    [InlineData("10.1.2.3/32", "10.1.2.3", "1")]
    [InlineData("10.1.2.0/24", "10.1.2.255", "256")]
    [InlineData("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "340282366920938463463374607431768211455")]
    [InlineData("fd00::1/128", "fd00::1", "1")]
    [InlineData("fd00:1:2::/64", "fd00:1:2:0:ffff:ffff:ffff:ffff", "18446744073709551616")]
    public void Edges(string text, string last, string size)
    {
        var prefix = IpPrefix.Parse(text);
        Assert.Equal((IPAddress.Parse(last), size), (prefix.Last, prefix.Size.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(prefix.IsNetwork);
        Assert.True(prefix.Contains(prefix.Last));
    }

    [Fact]
    public void Neighbouring_prefixes_do_not_overlap()
    {
        var first = IpPrefix.Parse("10.1.255.0/24");
        Assert.Equal(IpPrefix.Parse("10.2.0.0/24"), first.Next(1));
        Assert.False(first.Overlaps(first.Next(1)));
        Assert.False(first.Contains(IPAddress.Parse("fd00::1")));
        Assert.True(IpPrefix.Parse("10.0.0.0/8").Contains(first));
        Assert.False(first.Contains(IpPrefix.Parse("10.0.0.0/8")));
        Assert.Equal(IpPrefix.Parse("fd00::9/128"), IpPrefix.Host(IPAddress.Parse("fd00::9")));
    }

    [Theory]
    [InlineData("10.1.2.0")]
    [InlineData("10.1.2.0/33")]
    [InlineData("10.1.2.0/-1")]
    [InlineData("10.1.2.0/ 8")]
    [InlineData("10.1.2.0/24\0")]
    [InlineData("10.1.2/24")]
    [InlineData("10.01.2.0/24")]
    [InlineData("0x0a.1.2.0/24")]
    [InlineData("fe80::1%2/64")]
    [InlineData("[fd00::]/64")]
    [InlineData("fd00::/129")]
    [InlineData("")]
    [InlineData("/")]
    public void Typing_errors_are_refused(string text)
    {
        Assert.False(IpPrefix.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => IpPrefix.Parse(text));
    }
}
