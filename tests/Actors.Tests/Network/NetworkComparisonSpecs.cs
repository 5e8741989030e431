using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Network;

/// <summary>What another configuration means for hosts that run. The documentation's table is this one.</summary>
public sealed class NetworkComparisonSpecs
{
    private const string Plain = """{"Network":"10.244.0.0/16"}""";
    private const string Udp = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""";
    private const string Dual = """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56"}""";

    [Theory]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":1400}}""", "Backend.MTU the interface's -> 1400", ChangeEffect.InPlace)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":7}}""", "Backend.VNI 1 -> 7", ChangeEffect.Anew)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","Port":4789}}""", "Backend.Port 8472 -> 4789", ChangeEffect.Anew)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","GBP":true}}""", "Backend.GBP false -> true", ChangeEffect.Anew)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","Learning":true}}""", "Backend.Learning false -> true", ChangeEffect.InPlace)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","DirectRouting":true}}""", "Backend.DirectRouting false -> true", ChangeEffect.Anew)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","EnableNFTables":true}""", "EnableNFTables false -> true", ChangeEffect.InPlace)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","MasqExclude":["203.0.113.0/24"]}""", "MasqExclude [] -> [203.0.113.0/24]", ChangeEffect.InPlace)]
    [InlineData(Plain, """{"Network":"10.240.0.0/12","SubnetMin":"10.244.1.0","SubnetMax":"10.244.255.0"}""", "Network 10.244.0.0/16 -> 10.240.0.0/12", ChangeEffect.InPlace)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","SubnetMin":"10.244.0.0"}""", "SubnetMin 10.244.1.0 -> 10.244.0.0", ChangeEffect.Grants)]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","SubnetMax":"10.244.2.0"}""", "SubnetMax 10.244.255.0 -> 10.244.2.0", ChangeEffect.Grants)]
    [InlineData(Plain, Udp, "Backend.Type vxlan -> udp", ChangeEffect.InPlace)]
    [InlineData(Udp, """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":9285}}""", "Backend.Port 8285 -> 9285", ChangeEffect.Anew)]
    [InlineData(Udp, """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""", "Backend.Encryption none -> aes-256-gcm", ChangeEffect.Anew)]
    public void One_changed_field_is_named_with_what_it_costs(string now, string next, string text, ChangeEffect effect)
    {
        var comparison = Compare(now, next, Samples.Lease(1), Samples.Lease(2));
        var change = Assert.Single(comparison.Changes);
        Assert.Equal((text, effect, null), (change.ToString(), change.Effect, comparison.Refusal));
    }

    [Theory]
    [InlineData(Plain, """{"Network":"10.245.0.0/16"}""", "Network 10.244.0.0/16 -> 10.245.0.0/16, SubnetMin 10.244.1.0 -> 10.245.1.0, SubnetMax 10.244.255.0 -> 10.245.255.0: host1 (00000001-0001-0002-0304-05060708090a) holds 10.244.1.0/24, which would be no subnet of it; host2 (00000002-0001-0002-0304-05060708090a) holds 10.244.2.0/24, which would be no subnet of it. Such a host must give its lease back first ('cluster leave', 'lease release')")]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","SubnetMax":"10.244.1.0"}""", "host2 (00000002-0001-0002-0304-05060708090a) holds 10.244.2.0/24")]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","SubnetLen":25}""", "SubnetLen 24 -> 25")]
    [InlineData(Plain, Dual, "host1 (00000001-0001-0002-0304-05060708090a) holds 10.244.1.0/24, and no IPv6 subnet")]
    [InlineData(Plain, """{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd42::/56"}""", "EnableIPv4 true -> false")]
    [InlineData(Plain, """{"Network":"10.244.0.0/16","Backend":{"Type":"alloc"}}""", "Backend.Type vxlan -> alloc: this release cannot change between these two while hosts run")]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"ipip"}}""", """{"Network":"10.244.0.0/16","Backend":{"Type":"ipip","DirectRouting":true}}""", "Backend: this release cannot change the options of ipip")]
    public void What_cannot_be_is_refused_with_its_reason(string now, string next, string reason) =>
        Assert.Contains(reason, Compare(now, next, Samples.Lease(1), Samples.Lease(2)).Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"Network":"10.245.0.0/16"}""")]
    [InlineData("""{"Network":"10.244.0.0/16","SubnetLen":26}""")]
    [InlineData("""{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd42::/56"}""")]
    public void Without_a_lease_every_range_is_possible(string next) => Assert.Null(Compare(Plain, next).Refusal);

    [Fact]
    public void A_reservation_outside_is_named_and_many_leases_are_counted()
    {
        var reserved = NetworkComparison.Of(NetConf.Parse(Plain), NetConf.Parse("""{"Network":"10.245.0.0/16"}"""), [], [(IpPrefix.Parse("10.244.9.0/24"), "h9")]);
        Assert.EndsWith("10.244.9.0/24 is reserved for h9, which would be no subnet of it ('lease unreserve')", reserved.Refusal, StringComparison.Ordinal);
        var many = Compare(Plain, """{"Network":"10.245.0.0/16"}""", [.. Enumerable.Range(1, 200).Select(n => Samples.Lease(n))]);
        Assert.Contains("; and 197 more", many.Refusal, StringComparison.Ordinal);
        Assert.Contains("host1 (", many.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_in_other_words_is_no_change()
    {
        var comparison = Compare(Plain, """{"network":"10.244.0.0/16","Backend":{"type":"VXLAN","Port":8472},"SubnetLen":24}""", Samples.Lease(1));
        Assert.Empty(comparison.Changes);
        Assert.Null(comparison.Refusal);
    }

    /// <summary>Every difference that the ledger could store is one that an operator was told of.</summary>
    [Fact]
    public void No_difference_is_silent() => CsCheck.Check.Sample(CsCheck.Gen.Select(NetworkConfigGen.Any, NetworkConfigGen.Any), (now, next) =>
    {
        var comparison = NetworkComparison.Of(now, next, [], []);
        return now == next ? comparison is { Changes.IsEmpty: true, Refusal: null } : !comparison.Changes.IsEmpty || comparison.Refusal is not null;
    }, iter: 5_000);

    private static NetworkComparison Compare(string now, string next, params Lease[] leases) => NetworkComparison.Of(NetConf.Parse(now), NetConf.Parse(next), leases, []);
}
