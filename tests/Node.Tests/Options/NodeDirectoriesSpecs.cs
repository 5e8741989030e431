using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Tests.Options;

public sealed class NodeDirectoriesSpecs
{
    [Theory]
    [InlineData("/run/akka-overlay/subnet.env", "")]
    [InlineData("/run/akka-overlay/blue/subnet.env", "blue")]
    [InlineData("/run/akka-overlay/blue/../subnet.env", "")]
    [InlineData("/run/akka-overlay/blue/more/subnet.env", null)]
    [InlineData("/run/akka-overlay/no name/subnet.env", null)]
    [InlineData("/run/flannel/subnet.env", null)]
    [InlineData("/subnet.env", null)]
    public void A_subnet_file_in_its_usual_place_says_whose_it_is(string file, string? owner) => Assert.Equal(owner, NodeDirectories.OwnerOf(file)?.Text);
}
