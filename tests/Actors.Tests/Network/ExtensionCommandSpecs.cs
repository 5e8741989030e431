using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Network;

/// <summary>A command in one string means the same to everybody, or is refused.</summary>
public sealed class ExtensionCommandSpecs
{
    [Theory]
    [InlineData("ip route add \\\"$SUBNET\\\" via $PUBLIC_IP", "has '\"', and no shell runs")]
    [InlineData("ip route add '$SUBNET'", "has '''")]
    [InlineData("ip route add $SUBNET; true", "has ';'")]
    [InlineData("a && b", "has '&'")]
    [InlineData("a | b", "has '|'")]
    [InlineData("a > /tmp/b", "has '>'")]
    [InlineData("a $(cat x)", "has '$'")]
    [InlineData("a `cat x`", "has '`'")]
    [InlineData("a *", "has '*'")]
    [InlineData("a $HOME", "has $HOME, which has no value there")]
    [InlineData("a ${SUBNET", "has '$'")]
    [InlineData("a ${SUBNET:-x}", "has '$'")]
    [InlineData("read MAC\\nip link", "has several lines")]
    [InlineData("MAC=x ip link", "begins with an assignment")]
    [InlineData("bin/x $SUBNET", "must begin with a program by its absolute path")]
    public void What_a_shell_would_make_something_of_is_refused_with_the_list_to_write(string text, string expected)
    {
        var error = Assert.Throws<NetConfException>(() => Of("SubnetAddCommand", $"\"{text}\""));
        Assert.Contains("Backend.SubnetAddCommand", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(expected.StartsWith("must", StringComparison.Ordinal) || error.Message.Contains("[\"/bin/sh\", \"-c\", \"...\"]", StringComparison.Ordinal));
    }

    [Fact]
    public void Before_the_lease_there_is_no_subnet_to_name()
    {
        Assert.Throws<NetConfException>(() => Of("PreStartupCommand", "\"x $SUBNET\""));
        Assert.Equal(["x", "$NETWORK"], Of("PreStartupCommand", "\"x $NETWORK\"").PreStartupCommand!.Arguments);
    }

    [Fact]
    public void A_list_is_taken_as_it_is() =>
        Assert.Equal(["/bin/sh", "-c", "read M; ip link add \"x\" | cat"], Of("SubnetAddCommand", "[\"/bin/sh\",\"-c\",\"read M; ip link add \\\"x\\\" | cat\"]").SubnetAddCommand!.Arguments);

    [Theory]
    [InlineData(0)]
    [InlineData(601)]
    public void The_time_limit_has_bounds(int seconds) => Assert.Throws<NetConfException>(() => NetConf.Parse($$$"""{"Network":"10.244.0.0/16","Backend":{"Type":"extension","CommandTimeout":{{{seconds}}}}}"""));

    private static ExtensionConfig Of(string field, string json) => (ExtensionConfig)NetConf.Parse($$$"""{"Network":"10.244.0.0/16","Backend":{"Type":"extension","{{{field}}}":{{{json}}}}}""").BackEnd;
}
