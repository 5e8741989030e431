using System.Net;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Tests.Cluster;

public class SeedListSpecs
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    public void One_three_or_five_seeds_have_a_majority(int count, int quorum) => Assert.Equal(quorum, SeedList.Of(Seeds(count)).Quorum);

    [Theory]
    [InlineData(0, "no seed")]
    [InlineData(2, "2 seeds: a majority of 2 is 2, so they bear no more failures than 1")]
    [InlineData(4, "4 seeds: a majority of 4 is 3, so they bear no more failures than 3")]
    [InlineData(6, "give 1, 3 or 5")]
    [InlineData(7, "give 1, 3 or 5")]
    public void Other_numbers_are_refused_with_the_reason(int count, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SeedList.Of(Seeds(count))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_order_in_which_they_were_typed_does_not_count()
    {
        var seeds = Seeds(5).ToList();
        Assert.Equal(SeedList.Of(seeds).Seeds, SeedList.Of(seeds.AsEnumerable().Reverse()).Seeds);
    }

    [Fact]
    public void The_same_entry_twice_is_one_seat() => Assert.Single(SeedList.Of([.. Seeds(1), .. Seeds(1)]).Seeds);

    [Fact]
    public void Two_names_of_one_address_are_refused_by_name()
    {
        var one = new Seed("a.example", Samples.Address("192.168.7.1"), 4053);
        string message = Assert.Throws<ArgumentException>(() => SeedList.Of([one, one with { Text = "b.example" }, .. Seeds(3).Skip(1)])).Message;
        Assert.Contains("a.example and b.example are one address (192.168.7.1:4053)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_ports_of_one_address_are_two_seats() =>
        Assert.Equal(3, SeedList.Of(Enumerable.Range(4053, 3).Select(port => new Seed($"a:{port}", Samples.Address("192.168.7.1"), port))).Seeds.Count);

    [Fact]
    public void A_seat_is_mine_by_address_and_port()
    {
        var seeds = SeedList.Of(Seeds(3));
        Assert.Equal("192.168.7.2:4053", seeds.SeatOf([Samples.Address("10.0.0.1"), Samples.Address("192.168.7.2")], 4053)?.Text);
        Assert.Null(seeds.SeatOf([Samples.Address("192.168.7.2")], 4054));
        Assert.Null(seeds.SeatOf([Samples.Address("192.168.7.9")], 4053));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.1.1")]
    [InlineData("::1")]
    public void Loopback_is_never_mine(string address) =>
        Assert.Null(SeedList.Of([new Seed("me", Samples.Address(address), 4053)]).SeatOf([Samples.Address(address), Samples.Address("192.168.7.1")], 4053));

    [Theory]
    [InlineData("192.168.7.1", "akka.tcp://overlay@192.168.7.1:4053", "192.168.7.1")]
    [InlineData("fd07::1", "akka.tcp://overlay@[fd07::1]:4053", "fd07::1")]
    public void An_akka_address_is_made_of_host_and_port(string address, string expected, string hostName)
    {
        Assert.Equal(expected, OverlayAddress.Of(IPAddress.Parse(address), 4053));
        Assert.Equal(hostName, OverlayAddress.HostName(IPAddress.Parse(address)));
        Assert.Equal(expected, Akka.Actor.Address.Parse(expected).ToString());
    }

    private static IEnumerable<Seed> Seeds(int count) =>
        Enumerable.Range(1, count).Select(n => new Seed($"192.168.7.{n}:4053", Samples.Address($"192.168.7.{n}"), 4053));
}
