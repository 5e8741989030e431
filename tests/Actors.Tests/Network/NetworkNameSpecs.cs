using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Network;

public sealed class NetworkNameSpecs
{
    [Theory]
    [InlineData("blue")]
    [InlineData("B")]
    [InlineData("0-9-a-Z")]
    [InlineData("fifteen-letters")]
    public void A_name_is_taken(string text)
    {
        Assert.True(NetworkName.TryParse(text, out var name));
        Assert.Equal(text, name.Text);
        Assert.False(name.IsDefault);
        Assert.InRange(name.Table, NetworkName.FirstTable + 1, NetworkName.LastTable);
        Assert.InRange(name.FirstNexthopId, OwnNexthops.FirstId + 1, OwnNexthops.FirstId + 0xFFFFFF);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-blue")]
    [InlineData("sixteen--letters")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("blåu")]
    [InlineData("a\n")]
    [InlineData("default")]
    [InlineData("Default")]
    public void What_is_none_is_refused(string text)
    {
        Assert.False(NetworkName.TryParse(text, out var name));
        Assert.True(name.IsDefault);
    }

    /// <summary>Written down: a release that hashes otherwise would not find what an earlier one has made.</summary>
    [Fact]
    public void The_table_follows_from_the_name_for_ever()
    {
        Assert.Equal([0x4D164776u, 0x4DB1F51Au], new[] { "blue", "red" }.Select(text => Name(text).Table));
        Assert.Equal((Route.MainTable, OwnNexthops.FirstId), (NetworkName.Default.Table, NetworkName.Default.FirstNexthopId));
    }

    [Fact]
    public void Each_table_is_one_networks()
    {
        var (red, blue) = (Name("red"), Name("blue"));
        foreach (uint table in new[] { Route.MainTable, 1077u, NetworkName.FirstTable - 1, NetworkName.LastTable + 1 })
            Assert.Equal((true, false, false), (NetworkName.Default.HasTable(table), red.HasTable(table), blue.HasTable(table)));
        Assert.Equal((false, true, false), (NetworkName.Default.HasTable(red.Table), red.HasTable(red.Table), blue.HasTable(red.Table)));
        Assert.Equal((false, false, true), (NetworkName.Default.HasTable(blue.Table), red.HasTable(blue.Table), blue.HasTable(blue.Table)));
    }

    private static NetworkName Name(string text)
    {
        Assert.True(NetworkName.TryParse(text, out var name));
        return name;
    }
}
