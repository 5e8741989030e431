using Akka.Actor;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.Tests.Leases;
using AkkaOverlay.Actors.Tests.View;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests;

/// <summary>Names and sentences that other hosts wrote.</summary>
public sealed class PlainTextSpecs
{
    private const string Hostile = "h\u001b[2J\n\u202eevil";
    private const string Plain = "h?[2J??evil";

    [Theory]
    [InlineData("h1")]
    [InlineData("ip-10-0-101-1.eu-central-1.compute.internal")]
    [InlineData("my_host")]
    [InlineData("1.2")]
    public void What_a_host_may_be_called(string name) => Assert.True(HostName.IsValid(name));

    [Theory]
    [InlineData("")]
    [InlineData("-h1")]
    [InlineData("h1-")]
    [InlineData("h1.-a")]
    [InlineData("h1..a")]
    [InlineData(".h1")]
    [InlineData("h1.")]
    [InlineData("h 1")]
    [InlineData("h1\n")]
    [InlineData("h\u00e41")]
    [InlineData(Hostile)]
    public void And_what_not(string name) => Assert.False(HostName.IsValid(name));

    [Fact]
    public void A_label_has_63_characters_and_a_name_253_at_most()
    {
        string label = new('a', 63);
        Assert.True(HostName.IsValid(label));
        Assert.False(HostName.IsValid($"{label}a"));
        string longest = string.Join('.', label, label, label, new string('a', 61));
        Assert.True(HostName.IsValid(longest));
        Assert.False(HostName.IsValid($"{longest}a"));
    }

    [Fact]
    public void A_claim_under_such_a_name_is_refused_with_the_rule_and_without_the_characters()
    {
        var driver = new LeaseTableDriver(SmallNetworks.IPv4(3));
        var (events, reply) = driver.Run(Samples.Claim(1) with { NodeName = Hostile });
        Assert.Empty(events);
        Assert.StartsWith($"'{Plain}' is no name for a host: letters, digits", Assert.IsType<LeaseReply.Refused>(reply).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_announces_itself_under_such_a_name_is_called_by_its_address()
    {
        var said = new ProbeProtocol.Announcement(Samples.Node(1), Hostile, [], new ProbeToken(1), 1450, Hostile, false);
        var taken = said.From(Address.Parse("akka.tcp://overlay@192.0.2.1:4053"));
        Assert.Equal(("192.0.2.1:4053", Plain), (taken.Name, taken.Reason));
        Assert.Equal("h2", (said with { Name = "h2" }).From(Address.Parse("akka.tcp://overlay@192.0.2.1:4053")).Name);
    }

    [Fact]
    public void What_a_host_says_of_itself_is_shown_without_them()
    {
        var view = (ViewSamples.View(1) with
        {
            Host = Hostile,
            Version = Hostile,
            Problem = Hostile,
            Traffic = new TunnelTraffic(Hostile, 1, 1, 1, 1),
            Events = [new OverlayEvent(1, EventKind.Other, EventWeight.Normal, Hostile, Hostile, TimeSpan.Zero)],
        }).Plain();
        Assert.All(new[] { view.Host, view.Version, view.Problem, view.Traffic!.Device, view.Events[0].Host, view.Events[0].Text }, text => Assert.Equal(Plain, text));
        var step = new PathStep(Hostile, StepState.Broken, Hostile, Hostile, Hostile, Hostile).Plain();
        Assert.All(new[] { step.Place, step.Actual, step.Wanted, step.Reason, step.Mend }, text => Assert.Equal(Plain, text));
    }

    [Fact]
    public void What_is_too_long_is_cut() => Assert.Equal(PlainText.Longest + 3, PlainText.Of(new string('x', 100_000)).Length);
}
