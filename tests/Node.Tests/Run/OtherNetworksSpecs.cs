using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>What of other networks, or of an earlier run, is in the way of a start.</summary>
public sealed class OtherNetworksSpecs : UnderlayFixture
{
    private static readonly NodeId Node = NodeId.New();

    [Theory]
    [InlineData("\"EnableIPv6\":true,\"IPv6Network\":\"fd44::/56\",", 51821, "0.0.0.0", "UDP port 51821 on 0.0.0.0: in use (another network's?); give this network another Backend.ListenPortV6")]
    [InlineData("", 51820, "::", "UDP port 51820 on ::: in use (another network's?); give this network another Backend.ListenPort")]
    [InlineData("", 51820, "127.0.0.1", "UDP port 51820 on 0.0.0.0: in use (another network's?); give this network another Backend.ListenPort")]
    [InlineData("", 51821, "0.0.0.0", null)]
    public void A_port_of_wireguard_that_somebody_has_is_named_before_the_start(string more, int port, string address, string? refusal) =>
        Assert.Equal(refusal, Objection(more, port, address));

    [Fact]
    public void The_port_of_our_own_device_is_no_others() =>
        Assert.Null(Objection("", 51820, "0.0.0.0", new Link(7, "flannel-wg") { Kind = "wireguard", Up = true, Alias = $"akka-overlay {Node}" }));

    [Theory]
    [InlineData("wireguard", "flannel-wg", "wireguard", false, null, false)]
    [InlineData("ipip", "flannel.ipip", "ipip", false, null, false)]
    [InlineData("wireguard", "flannel-wg", "wireguard", true, null, true)]
    [InlineData("wireguard", "flannel-wg", "wireguard", false, "mine", true)]
    [InlineData("wireguard", "flannel-wg", "ipip", false, null, true)]
    public void What_a_killed_process_made_and_could_not_mark_is_in_nobodys_way(string type, string name, string kind, bool up, string? alias, bool isRefused)
    {
        var link = new Link(7, name) { Kind = kind, Up = up, Alias = alias };
        string? refusal = Test.Inside.Run(() => Objection($$$"""{"Network":"10.244.0.0/16","Backend":{"Type":"{{{type}}}"}}""", link));
        Assert.Equal(isRefused, refusal?.StartsWith($"a {kind} of somebody else is called {name}", StringComparison.Ordinal) ?? false);
        Assert.Equal(isRefused, refusal is not null);
    }

    private string? Objection(string more, int port, string address, params Link[] links) => Test.Inside.Run(() =>
    {
        using var other = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return Objection($$$"""{"Network":"10.244.0.0/16",{{{more}}}"Backend":{"Type":"wireguard"}}""", links);
    });

    private static string? Objection(string network, params Link[] links)
    {
        using var kernel = new FakeRtnetlink();
        foreach (var link in links)
            kernel.Links[link.Index] = link;
        return Record.Exception(() => new OtherNetworks(kernel, Options(), NetConf.Parse(network), Node).Check([])) is { } refused
            ? Assert.IsType<StartException>(refused).Message
            : null;
    }
}
