using System.CommandLine;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Node.Tests.Lab;

public class LabNetConfSpecs
{
    [Theory]
    [InlineData("""{"Network":"10.1.0.0/16"}""")]
    [InlineData("""{"Network":"10.1.0.0/16","Backend":{"Type":"vxlan"}}""")]
    [InlineData("""{"network":"10.1.0.0/16","BACKEND":{"tYPE":"vxlan"}}""")]
    public void The_back_end_is_changed_and_nothing_else(string netConf)
    {
        var changed = NetConf.Parse(LabNetConf.WithBackEnd(netConf, "host-gw"));
        Assert.Equal("host-gw", changed.BackEnd.Type);
        Assert.Equal(NetConf.Parse(netConf).IPv4, changed.IPv4);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"Network":""")]
    [InlineData("""{"Network":"10.1.0.0/16","network":"10.2.0.0/16","Backend":[],"Backend":{}}""")]
    public void What_is_no_configuration_is_left_to_the_reader_to_refuse(string netConf) =>
        Assert.Throws<NetConfException>(() => NetConf.Parse(LabNetConf.WithBackEnd(netConf, "udp")));

    [Fact]
    public void The_default_is_a_configuration() => Assert.Equal("vxlan", NetConf.Parse(LabNetConf.Default).BackEnd.Type);

    [Theory]
    [InlineData("", 0)]
    [InlineData("--hosts 2 --once --keep", 0)]
    [InlineData("--hosts 100", 0)]
    [InlineData("--hosts 1", 1)]
    [InlineData("--hosts 101", 1)]
    [InlineData("--hosts many", 1)]
    [InlineData("--host 3", 2)]
    public void Options_are_checked_before_anything_is_made(string arguments, int errors) =>
        Assert.Equal(errors, LabCommand.Create().Parse(arguments).Errors.Count);
}
