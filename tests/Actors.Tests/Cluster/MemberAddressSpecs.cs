using Akka.Actor;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>How people name a member, and what is no name of one.</summary>
public sealed class MemberAddressSpecs
{
    [Theory]
    [InlineData("akka.tcp://overlay@192.168.7.1:4053", "akka.tcp://overlay@192.168.7.1:4053")]
    [InlineData("overlay@192.168.7.1:4053", "akka.tcp://overlay@192.168.7.1:4053")]
    [InlineData("192.168.7.1:4053", "akka.tcp://overlay@192.168.7.1:4053")]
    [InlineData("192.168.7.1", "akka.tcp://overlay@192.168.7.1:4053")]
    [InlineData("192.168.7.1:9", "akka.tcp://overlay@192.168.7.1:9")]
    [InlineData("akka.tcp://overlay@[fd00::1]:4053", "akka.tcp://overlay@[fd00::1]:4053")]
    [InlineData("[fd00:0::1]:4053", "akka.tcp://overlay@[fd00::1]:4053")]
    [InlineData("[fd00::1]", "akka.tcp://overlay@[fd00::1]:4053")]
    [InlineData("fd00::1", "akka.tcp://overlay@[fd00::1]:4053")]
    public void Scheme_system_and_port_may_be_left_out(string text, string expected) => Assert.Equal(expected, MemberAddress.Parse(text)?.ToAkka().ToString());

    [Theory]
    [InlineData("")]
    [InlineData(" 192.168.7.1")]
    [InlineData("seed.example.org:4053")]
    [InlineData("192.168.7.01")]
    [InlineData("192.168.7")]
    [InlineData("192.168.7.1:")]
    [InlineData("192.168.7.1:0")]
    [InlineData("192.168.7.1:70000")]
    [InlineData("192.168.7.1:+1")]
    [InlineData("192.168.7.1:4053/user")]
    [InlineData("[192.168.7.1]:4053")]
    [InlineData("fd00::1]:4053")]
    [InlineData("[fd00::1")]
    [InlineData("[fd00::1]4053")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData(":")]
    [InlineData("akka.tcp://other@192.168.7.1:4053")]
    [InlineData("akka://overlay@192.168.7.1:4053")]
    [InlineData("http://192.168.7.1:4053")]
    public void Everything_else_is_none(string text) => Assert.Null(MemberAddress.Parse(text));

    [Theory]
    [InlineData("192.168.7.1", true)]
    [InlineData("192.168.7.1:4100", true)]
    [InlineData("192.168.7.1:4053", false)]
    [InlineData("192.168.7.2", false)]
    public void Without_a_port_it_is_of_a_member_with_any(string text, bool expected) =>
        Assert.Equal(expected, MemberAddress.Parse(text)!.IsOf(Address.Parse("akka.tcp://overlay@192.168.7.1:4100")));
}
