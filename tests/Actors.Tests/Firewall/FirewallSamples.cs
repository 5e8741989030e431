using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>Node 1 and its wanted firewall.</summary>
internal static class FirewallSamples
{
    public static readonly FirewallOptions Masquerading = new(Masquerade: true);

    public static NetworkConfig NetworkOf(bool nftables = true, string backEnd = """{"Type":"vxlan"}""", string more = "") =>
        NetConf.Parse($$"""{"Network":"10.244.0.0/16","EnableNFTables":{{(nftables ? "true" : "false")}}{{more}},"Backend":{{backEnd}}}""");

    public static WantedFirewall Wanted(NetworkConfig network, FirewallOptions? options = null, params Lease[] peers) => Wanted(network, VxlanLayout.Classic, options, peers);

    public static WantedFirewall Wanted(NetworkConfig network, VxlanLayout layout, FirewallOptions? options = null, params Lease[] peers) => FirewallPlanner.Plan(
        options ?? Masquerading,
        new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.DualPublic(1), Samples.DualPublic(1)), network) { VxlanLayout = layout },
        network.EnableIPv6 ? Samples.DualLease(1) : Samples.Lease(1),
        [Samples.Lease(1), .. peers]);
}
