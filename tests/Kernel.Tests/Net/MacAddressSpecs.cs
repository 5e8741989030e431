using AkkaOverlay.Kernel.Net;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Net;

public sealed class MacAddressSpecs
{
    private static readonly Gen<MacAddress> s_macs = Gen.ULong[0, 0xffff_ffff_ffff].Select(bits => new MacAddress(bits));

    [Fact]
    public void Text_and_bytes_round_trip() => s_macs.Sample(mac => MacAddress.Parse(mac.ToString()) == mac && MacAddress.FromBytes(mac.ToBytes()) == mac);

    [Fact]
    public void A_local_one_is_unicast_and_local() => s_macs.Sample(mac =>
    {
        byte first = MacAddress.LocallyAdministered(mac.ToBytes()).ToBytes()[0];
        return (first & 3) == 2 && !MacAddress.LocallyAdministered(mac.ToBytes()).IsMulticast;
    });

    [Theory]
    [InlineData("02:00:00:00:00")]
    [InlineData("02:00:00:00:00:0g")]
    [InlineData("02-00-00-00-00-01")]
    [InlineData("02:00:00:00:00:01:")]
    [InlineData("02:00:00:00:00:1\0")]
    [InlineData("")]
    public void Typing_errors_are_refused(string text) => Assert.Throws<FormatException>(() => MacAddress.Parse(text));

    [Fact]
    public void Five_octets_are_too_few() => Assert.Throws<ArgumentException>(() => MacAddress.FromBytes(new byte[5]));

    [Fact]
    public void The_group_bit_is_the_first_octets_lowest() => Assert.True(MacAddress.Parse("33:33:00:00:00:01").IsMulticast);
}
