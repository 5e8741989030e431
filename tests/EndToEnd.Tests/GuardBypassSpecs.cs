using AkkaOverlay.Kernel.Namespaces;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.FirewallLab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Ways around the guard: each is dropped and counted, and arrives where there is no guard.</summary>
public sealed class GuardBypassSpecs(ITestOutputHelper output)
{
    private const string Hidden = "first fragment that hides what is inside";
    private const string Untunnelled = "overlay packet from where its sender is not";

    /// <summary>Octets of UDP: no more than its header, or all that the guard asks for.</summary>
    private const int Tiny = 8;
    private const int Whole = 56;

    [Fact]
    public async Task A_compact_device_takes_no_other_VNI_than_ours()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab, "--vxlan-layout", "compact");
            var target = lab[1];
            string container1 = target.ContainerAddress!.ToString(), container2 = lab[2].ContainerAddress!.ToString(), mac = await Mac(target);
            using var ambush = new Ambush(target.Container);

            Action<string> As(string source, uint vni) => text => VxlanPacket.Send(source, "192.168.77.1", 8472, VxlanPacket.Of(vni, mac, container2, container1, Ambush.Port, text));
            await ambush.Passes(lab[2].Host, "a lease holder", As("192.168.77.2", 1));
            await ambush.Dropped(outside, "a stranger with another VNI", target.Host, "IPv4 sender without a lease", As(Outside, 2));
            await ambush.Dropped(lab[2].Host, "a lease holder with another VNI", target.Host, "tunnel packet of another VNI than 1", As("192.168.77.2", 2));
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task Fragments_do_not_pass_over_IPv6_nor_where_they_are_sent_on_and_those_of_a_lease_holder_that_show_who_is_inside_do()
    {
        using var lab = Prepare(output, 3, DualStack());
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab);
            var target = lab[1];
            string container1 = target.ContainerAddress6!.ToString(), container2 = lab[2].ContainerAddress6!.ToString(), container3 = lab[3].ContainerAddress6!.ToString();
            string mac = await Mac(target), host1 = target.UnderlayAddress6.ToString(), host3 = lab[3].UnderlayAddress6.ToString();
            using var ambush = new Ambush(target.Container);

            Action<string> As(string source, string inner, int first) => text =>
                VxlanPacket.SendInFragments(source, host1, 8472, VxlanPacket.Of(1, mac, inner, container1, Ambush.Port, text), first);
            await ambush.Passes(lab[3].Host, "a lease holder in fragments", As(host3, container3, Whole));
            await ambush.Dropped(outside, "a stranger in tiny fragments", target.Host, Hidden, As(Outside6, container2, Tiny));
            await ambush.Dropped(outside, "a stranger in fragments", target.Host, "IPv6 sender without a lease", As(Outside6, container2, Whole));
            await ambush.Dropped(lab[3].Host, "a lease holder in tiny fragments", target.Host, Hidden, As(host3, container2, Tiny));
            await ambush.Dropped(lab[3].Host, "a lease holder under another's inner address", target.Host, "inner fd00:244::/48 from another's host", As(host3, container2, Whole));

            // Out of a container of host 2, under host 3's address: host 2 sends it on in fragments, for it tracks no connections.
            await NoReversePathFilter(lab[2]);
            await ambush.Dropped(lab[2].Container, "a container in tiny fragments", lab[2].Host, Hidden, text =>
                VxlanPacket.SendInFragments("192.168.77.3", "192.168.77.1", 8472, VxlanPacket.Of(1, mac, lab[3].ContainerAddress!.ToString(), target.ContainerAddress!.ToString(), Ambush.Port, text), Tiny));
            await ambush.Dropped(lab[2].Container, "a container in tiny fragments of IPv6", lab[2].Host, Hidden, As(host3, container3, Tiny));
        });
    }

    [Fact]
    public async Task A_lease_holder_does_not_hide_an_inner_sender_behind_a_VLAN_tag_or_in_the_other_family()
    {
        using var lab = Prepare(output, 3, DualStack());
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab);
            var target = lab[1];
            string mac = await Mac(target), host1 = target.UnderlayAddress.ToString(), host1By6 = target.UnderlayAddress6.ToString(), host3 = lab[3].UnderlayAddress.ToString(), host3By6 = lab[3].UnderlayAddress6.ToString();
            byte[] Inner4(string text, ushort? tag = null) => VxlanPacket.Of(1, mac, lab[2].ContainerAddress!.ToString(), target.ContainerAddress!.ToString(), Ambush.Port, text, tag);
            byte[] Inner6(string text, ushort? tag = null) => VxlanPacket.Of(1, mac, lab[2].ContainerAddress6!.ToString(), target.ContainerAddress6!.ToString(), Ambush.Port, text, tag);
            using var ambush = new Ambush(target.Container);
            const string inIPv4 = "other than IPv4 and ARP inside IPv4", inIPv6 = "other than IPv6 inside IPv6";

            await ambush.Dropped(lab[3].Host, "tagged IPv4", target.Host, inIPv4, text => VxlanPacket.Send(host3, host1, 8472, Inner4(text, tag: 0)));
            await ambush.Dropped(lab[3].Host, "tagged IPv6", target.Host, inIPv6, text => VxlanPacket.Send(host3By6, host1By6, 8472, Inner6(text, tag: 0)));
            await ambush.Dropped(lab[3].Host, "IPv4 in IPv6", target.Host, inIPv6, text => VxlanPacket.Send(host3By6, host1By6, 8472, Inner4(text)));
            await ambush.Dropped(lab[3].Host, "IPv6 in IPv4", target.Host, inIPv4, text => VxlanPacket.Send(host3, host1, 8472, Inner6(text)));
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
        });
    }

    [Theory]
    [InlineData("""{"Type":"vxlan"}""")]
    [InlineData("""{"Type":"udp"}""")]
    public async Task Somebody_in_the_LAN_does_not_reach_a_container_under_a_peers_inner_address_without_a_tunnel(string backEnd)
    {
        using var lab = Prepare(output, 2, DualStack(backEnd));
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab);
            var target = lab[1];
            await NoReversePathFilter(target);
            await Do(outside, $"ip route add 10.244.0.0/16 via {target.UnderlayAddress}");
            await Do(outside, $"ip -6 route add fd00:244::/48 via {target.UnderlayAddress6}");
            string peer = lab[2].ContainerAddress!.ToString(), peer6 = lab[2].ContainerAddress6!.ToString();
            string gateway = (await Subnet(target)).Replace(".0/24", ".1", StringComparison.Ordinal);

            Action<string> Plain(string from, string to) => text => VxlanPacket.SendAsIs(VxlanPacket.Datagram(from, to, Ambush.Port, System.Text.Encoding.ASCII.GetBytes(text)));
            using var ambush = new Ambush(target.Container);
            using var hostAmbush = new Ambush(target.Host);
            await ambush.Dropped(outside, "to a container", target.Host, Untunnelled, Plain(peer, target.ContainerAddress!.ToString()));
            await ambush.Dropped(outside, "to a container by IPv6", target.Host, Untunnelled, Plain(peer6, target.ContainerAddress6!.ToString()));
            await hostAmbush.Dropped(outside, "to the containers' gateway", target.Host, Untunnelled, Plain(peer, gateway));
            // Nor does a container under an address of another host.
            await hostAmbush.Dropped(target.Container, "a container", target.Host, Untunnelled, Plain(peer, gateway));
            // What a container sends to a host's own address leaves its host without a tunnel.
            await hostAmbush.Passes(lab[2].Container, "to the host's own address", Plain(peer, target.UnderlayAddress.ToString()));
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
        });
    }

    /// <summary>The same packets as above: what drops them is the guard, and not that nobody takes them.</summary>
    [Fact]
    public async Task Without_the_guard_they_all_arrive()
    {
        using var lab = Prepare(output, 3, DualStack());
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab, "--spoof-guard", "off");
            var target = lab[1];
            foreach (var host in lab.Hosts)
                await NoReversePathFilter(host);
            await Do(outside, $"ip route add 10.244.0.0/16 via {target.UnderlayAddress}");
            await Do(outside, $"ip -6 route add fd00:244::/48 via {target.UnderlayAddress6}");
            string host1 = target.UnderlayAddress.ToString(), host1By6 = target.UnderlayAddress6.ToString(), host3 = lab[3].UnderlayAddress.ToString(), host3By6 = lab[3].UnderlayAddress6.ToString();
            string mac = await Mac(target), peer = lab[2].ContainerAddress!.ToString(), peer6 = lab[2].ContainerAddress6!.ToString();
            byte[] Inner4(string text, ushort? tag = null) => VxlanPacket.Of(1, mac, peer, target.ContainerAddress!.ToString(), Ambush.Port, text, tag);
            byte[] Inner6(string text, ushort? tag = null) => VxlanPacket.Of(1, mac, peer6, target.ContainerAddress6!.ToString(), Ambush.Port, text, tag);
            using var ambush = new Ambush(target.Container);

            await ambush.Passes(outside, "no lease", text => VxlanPacket.Send(Outside, host1, 8472, Inner4(text)));
            await ambush.Passes(outside, "no lease by IPv6", text => VxlanPacket.Send(Outside6, host1By6, 8472, Inner6(text)));
            await ambush.Passes(outside, "tiny fragments", text => VxlanPacket.SendInFragments(Outside6, host1By6, 8472, Inner6(text), Tiny));
            await ambush.Passes(lab[2].Container, "a container in tiny fragments", text => VxlanPacket.SendInFragments(host3, host1, 8472, Inner4(text), Tiny));
            await ambush.Passes(lab[3].Host, "tagged IPv4", text => VxlanPacket.Send(host3, host1, 8472, Inner4(text, tag: 0)));
            await ambush.Passes(lab[3].Host, "tagged IPv6", text => VxlanPacket.Send(host3By6, host1By6, 8472, Inner6(text, tag: 0)));
            await ambush.Passes(lab[3].Host, "IPv4 in IPv6", text => VxlanPacket.Send(host3By6, host1By6, 8472, Inner4(text)));
            await ambush.Passes(lab[3].Host, "IPv6 in IPv4", text => VxlanPacket.Send(host3, host1, 8472, Inner6(text)));
            foreach (var (from, to) in new[] { (peer, target.ContainerAddress!), (peer6, target.ContainerAddress6!) })
                await ambush.Passes(outside, $"plain from {from}", text => VxlanPacket.SendAsIs(VxlanPacket.Datagram(from, to.ToString(), Ambush.Port, System.Text.Encoding.ASCII.GetBytes(text))));
        });
    }
}
