using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Docker;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>From what iptables-save prints to what iptables-restore shall do.</summary>
public sealed class DockerRulesSpecs
{
    private const string Raw = "-s 10.244.0.0/16 -d 10.244.3.0/24 -m comment --comment akka-overlay-docker -j ACCEPT";

    private static readonly DockerRules Rules = Of(NetworkName.Default);

    private static readonly DockerRule[] Wanted = [.. Rules.Wanted(IpPrefix.Parse("10.244.0.0/16"), IpPrefix.Parse("10.244.3.1/24"))];

    [Fact]
    public void What_is_missing_goes_to_the_front() => Assert.Equal(
        $"*raw\n-I PREROUTING 1 {Raw}\nCOMMIT\n", Change("-A PREROUTING -d 10.244.3.2/32 ! -i docker0 -j DROP"));

    [Fact]
    public void What_stands_is_left_alone() => Assert.Null(Change(
        ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -i lo -j CT --notrack", $"-A PREROUTING {Raw}", "-A PREROUTING -d 10.244.3.2/32 ! -i docker0 -j DROP"));

    [Fact]
    public void What_stands_behind_a_drop_goes_in_front_of_it() => Assert.Equal(
        $"*raw\n-D PREROUTING {Raw}\n-I PREROUTING 1 {Raw}\nCOMMIT\n", Change("-A PREROUTING -d 10.244.3.2/32 ! -i docker0 -j DROP", $"-A PREROUTING {Raw}"));

    [Fact]
    public void What_was_made_for_another_subnet_goes()
    {
        string old = Raw.Replace("10.244.3.0", "10.244.9.0", StringComparison.Ordinal);
        Assert.Equal($"*raw\n-D PREROUTING {old}\n-D PREROUTING {Raw}\nCOMMIT\n", Change($"-A PREROUTING {Raw}", $"-A PREROUTING {old}", $"-A PREROUTING {Raw}"));
    }

    [Fact]
    public void An_administrators_rule_in_front_of_ours_in_DOCKER_USER_keeps_its_place() => Assert.Null(Rules.Change(
        "filter", ["-A DOCKER-USER -s 10.244.9.0/24 -j DROP", $"-A DOCKER-USER {Wanted[0].Text}", "-A DOCKER-USER -j RETURN"], [Wanted[0]]));

    [Fact]
    public void Nothing_wanted_takes_ours_away_and_nobody_elses() => Assert.Equal(
        $"*raw\n-D PREROUTING {Raw}\nCOMMIT\n", Rules.Change("raw", ["-A PREROUTING -m comment --comment mine -j DROP", $"-A PREROUTING {Raw}"], []));

    /// <summary>One name is the beginning of the other, and of the default network's mark.</summary>
    [Fact]
    public void Each_network_finds_its_own_rules_and_no_other_networks()
    {
        var networks = new[] { NetworkName.Default, Named("blue"), Named("blue-2"), Named("Blue") };
        string[] saved = [.. networks.Select(network => $"-A PREROUTING {RawOf(network)}")];
        foreach (var (network, rule) in networks.Zip(saved))
        {
            Assert.Equal([rule], saved.Where(Of(network).IsOurs));
            Assert.Null(Of(network).Change("raw", saved, [WantedBy(network)]));
            Assert.Equal($"*raw\n-D{rule[2..]}\nCOMMIT\n", Of(network).Change("raw", saved, []));
            Assert.Equal($"*raw\n-I PREROUTING 1 {RawOf(network)}\nCOMMIT\n", Of(network).Change("raw", [.. saved.Except([rule])], [WantedBy(network)]));
        }
    }

    /// <summary>Hosts have rules of an earlier release.</summary>
    [Fact]
    public void The_network_without_a_name_keeps_the_mark_that_it_always_had() => Assert.Equal(Raw, RawOf(NetworkName.Default));

    [Fact]
    public void A_change_that_is_taken_back_leaves_what_was_there()
    {
        string old = Raw.Replace("10.244.3.0", "10.244.9.0", StringComparison.Ordinal);
        Assert.Equal($"*raw\n-D PREROUTING {Raw}\n-I PREROUTING 1 {old}\nCOMMIT\n", DockerRules.Undo(Change($"-A PREROUTING {old}")!));
        Assert.Equal($"*raw\n-D PREROUTING {Raw}\nCOMMIT\n", DockerRules.Undo(Change()!));
    }

    private static NetworkName Named(string text) => NetworkName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private static DockerRules Of(NetworkName network) => new(FirewallNames.Of(network).DockerComment);

    private static DockerRule WantedBy(NetworkName network) => Of(network).Wanted(IpPrefix.Parse("10.244.0.0/16"), IpPrefix.Parse("10.244.3.1/24"))[2];

    private static string RawOf(NetworkName network) => WantedBy(network).Text;

    private static string? Change(params string[] saved) => Rules.Change("raw", saved, [Wanted[2]]);
}
