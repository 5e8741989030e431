using AkkaOverlay.Node.Cli;

namespace AkkaOverlay.Node.Tests.Cli;

/// <summary>Short names of hosts, and when they are not to be had.</summary>
public sealed class HostLabelsSpecs
{
    [Theory]
    [InlineData("h1,h2.lan", "h1,h2.lan")]
    [InlineData("ip-10-0-101-1.eu-central-1.compute.internal,ip-10-0-101-2.eu-central-1.compute.internal", "ip-10-0-101-1,ip-10-0-101-2")]
    [InlineData("db.one.some-long-name.example,db.two.some-long-name.example", "db.one.some-long-name.example,db.two.some-long-name.example")]
    [InlineData("db.one.some-long-name.example,db.one.some-long-name.example", "db,db")]
    public void Long_names_lose_their_domain_where_they_stay_different(string names, string shown)
    {
        string[] all = names.Split(',');
        var label = HostLabels.For(all);
        Assert.Equal(shown, string.Join(',', all.Select(label)));
    }
}
