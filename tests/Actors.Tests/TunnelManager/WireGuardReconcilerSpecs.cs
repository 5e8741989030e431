using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.Tests.TunnelManager;

/// <summary>Device and peers of back end wireguard: changed in place, and what works is not touched.</summary>
public sealed class WireGuardReconcilerSpecs : IDisposable
{
    private const string Name = "flannel-wg";

    private static readonly NextHop Hop = new(Name, null);

    private readonly StaticKey key = StaticKey.Generate();
    private readonly FakeRtnetlink kernel = new();
    private readonly FakeWireGuard wireGuard;
    private readonly ManualTime time = new();
    private ObjectHistory history;
    private WireGuardTunnels tunnels;

    public WireGuardReconcilerSpecs()
    {
        kernel.AddDevice("eth0", "192.168.7.1/24");
        history = new ObjectHistory(time);
        wireGuard = new FakeWireGuard(kernel);
        tunnels = new WireGuardTunnels(() => wireGuard, key);
    }

    public void Dispose()
    {
        tunnels.Dispose();
        kernel.Dispose();
        key.Dispose();
    }

    [Fact]
    public void Device_key_port_and_peers_are_there_after_one_comparison_and_the_next_one_writes_nothing()
    {
        var plan = Plan(2, 3);
        var outcome = Reconcile(plan);
        Assert.Equal((0, 0), (outcome.MissingLinks, outcome.MissingPeers));
        Assert.Equal([Hop], outcome.Ready);
        Assert.True(kernel.Device(Name) is { Up: true, Mtu: 1420 });
        var device = wireGuard.Find(Name)!;
        Assert.Equal((key.PublicKey, (ushort)51820, 2), (device.Key, device.Port, device.Peers.Length));
        var peer = wireGuard.Peer(Name, KeyOf(2));
        Assert.Equal((IPEndPoint.Parse("192.168.7.2:51820"), "10.244.2.0/24"), (peer.EndPoint, string.Join(',', peer.AllowedIps)));
        (int links, int peers) = (kernel.Writes.Count, wireGuard.Writes.Count);
        Reconcile(plan);
        Assert.Equal((links, peers), (kernel.Writes.Count, wireGuard.Writes.Count));
        Assert.All(Reconciler().Compare(Goal(plan)), row => Assert.Equal("ok", row.State));
    }

    [Fact]
    public void Another_start_of_the_node_touches_neither_device_nor_peers()
    {
        Reconcile(Plan(2, 3));
        (int links, int peers) = (kernel.Writes.Count, wireGuard.Writes.Count);
        history = new ObjectHistory(time);
        tunnels = new WireGuardTunnels(() => wireGuard, key);
        Assert.Equal([Hop], Reconcile(Plan(2, 3)).Ready);
        Assert.Equal((links, peers), (kernel.Writes.Count, wireGuard.Writes.Count));
    }

    [Fact]
    public void A_peer_that_came_or_went_changes_nothing_for_the_others()
    {
        Reconcile(Plan(2, 3));
        wireGuard.Writes.Clear();
        Reconcile(Plan(3, 4));
        Assert.Equal([KeyOf(4), KeyOf(2)], wireGuard.Writes.Select(write => (write as WireGuardChange.PutPeer)?.Peer.Key ?? ((WireGuardChange.RemovePeer)write).Key).OrderByDescending(one => one == KeyOf(4)));
    }

    [Fact]
    public void On_a_partial_view_no_peer_is_removed()
    {
        Reconcile(Plan(2, 3));
        Reconcile(Plan(3), mayRemove: false);
        Assert.Equal(2, wireGuard.Find(Name)!.Peers.Length);
    }

    [Fact]
    public void A_peer_that_was_heard_from_elsewhere_is_left_there_and_one_whose_lease_moved_is_sent_after()
    {
        Reconcile(Plan(2));
        Change(2, peer => peer with { EndPoint = IPEndPoint.Parse("203.0.113.9:4000") });
        wireGuard.Writes.Clear();
        Reconcile(Plan(2));
        Assert.Empty(wireGuard.Writes);
        var moved = Plan(Lease(2) with { Public = Samples.Public(77) });
        Reconcile(moved);
        Assert.Equal("192.168.7.77:51820", wireGuard.Peer(Name, KeyOf(2)).EndPoint!.ToString());
    }

    [Fact]
    public void Another_start_of_the_node_leaves_a_peer_where_it_was_heard_and_sends_it_after_a_lease_that_moves_then()
    {
        Reconcile(Plan(2));
        Change(2, peer => peer with { EndPoint = IPEndPoint.Parse("203.0.113.9:4000") });
        wireGuard.Writes.Clear();
        tunnels = new WireGuardTunnels(() => wireGuard, key);
        Reconcile(Plan(2));
        Assert.Empty(wireGuard.Writes);
        Reconcile(Plan(Lease(2) with { Public = Samples.Public(77) }));
        Assert.Equal("192.168.7.77:51820", wireGuard.Peer(Name, KeyOf(2)).EndPoint!.ToString());
    }

    [Fact]
    public void A_peer_that_moved_before_its_lease_did_is_left_where_it_is_heard_later()
    {
        Reconcile(Plan(2));
        Change(2, peer => peer with { EndPoint = IPEndPoint.Parse("192.168.7.77:51820") });
        var moved = Plan(Lease(2) with { Public = Samples.Public(77) });
        Reconcile(moved);
        Change(2, peer => peer with { EndPoint = IPEndPoint.Parse("203.0.113.9:4000") });
        wireGuard.Writes.Clear();
        Reconcile(moved);
        Assert.Empty(wireGuard.Writes);
    }

    [Fact]
    public void Subnets_are_added_without_a_moment_without_the_others_and_replaced_only_where_one_is_too_many()
    {
        Reconcile(Plan(2));
        Change(2, peer => peer with { AllowedIps = [] });
        wireGuard.Writes.Clear();
        Reconcile(Plan(2));
        Assert.False(((WireGuardChange.PutPeer)Assert.Single(wireGuard.Writes)).ReplaceAllowedIps);
        Change(2, peer => peer with { AllowedIps = [.. peer.AllowedIps, IpPrefix.Parse("0.0.0.0/0")] });
        Reconcile(Plan(2));
        Assert.Equal(["10.244.2.0/24"], wireGuard.Peer(Name, KeyOf(2)).AllowedIps.Select(prefix => prefix.ToString()));
    }

    [Fact]
    public void Another_secret_or_keepalive_is_set_in_place()
    {
        Reconcile(Plan(2));
        var psk = PresharedKey.FromBase64(Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)]));
        Reconcile(Plan(new WireGuardConfig { Psk = psk, PersistentKeepaliveInterval = 25 }, Lease(2)));
        var peer = wireGuard.Peer(Name, KeyOf(2));
        Assert.Equal((psk, (ushort)25, "192.168.7.2:51820"), (peer.Psk, peer.Keepalive, peer.EndPoint!.ToString()));
        Reconcile(Plan(2));
        Assert.Null(wireGuard.Peer(Name, KeyOf(2)).Psk);
    }

    [Fact]
    public void A_peer_that_the_kernel_refuses_is_named_and_holds_up_no_other()
    {
        wireGuard.Refuse = change => change is WireGuardChange.PutPeer { Peer: var peer } && peer.Key == KeyOf(2) ? FakeRtnetlink.EINVAL : null;
        var outcome = Reconcile(Plan(2, 3));
        Assert.Equal(1, outcome.MissingPeers);
        Assert.Contains("PutPeer: errno 22", outcome.NewErrors);
        Assert.Equal([Hop], outcome.Ready);
        Assert.Equal("failed", Reconciler().Compare(Goal(Plan(2, 3))).Single(row => row.Name == KeyOf(2).ToString()).State);
    }

    [Fact]
    public void Of_two_leases_with_one_key_the_newer_is_a_peer_and_the_other_is_named_once()
    {
        var copy = Samples.Lease(3, 99, new WireGuardOffer(KeyOf(2), 51820, 51821));
        foreach (var plan in new[] { Plan(Lease(2), copy, Lease(4)), Plan(copy, Lease(4), Lease(2)) })
        {
            var outcome = Reconcile(plan);
            Assert.Equal(1, outcome.MissingPeers);
            Assert.Equal("10.244.3.0/24", string.Join(',', wireGuard.Peer(Name, KeyOf(2)).AllowedIps));
            Assert.Equal(2, wireGuard.Find(Name)!.Peers.Length);
        }
        string error = Assert.Single(history.Retries.Errors);
        Assert.Contains($"of host {Samples.Node(2)}: host {Samples.Node(3)}, whose lease is newer, has the same key", error, StringComparison.Ordinal);
        wireGuard.Writes.Clear();
        Assert.Empty(Reconcile(Plan(Lease(2), copy, Lease(4))).NewErrors);
        Assert.Empty(wireGuard.Writes);
    }

    [Fact]
    public void A_lease_with_this_hosts_own_key_is_no_peer_and_the_reason_is_said()
    {
        var copy = Samples.Lease(3, 0, new WireGuardOffer(key.PublicKey, 51820, 51821));
        var outcome = Reconcile(Plan(Lease(2), copy));
        Assert.Equal(KeyOf(2), Assert.Single(wireGuard.Find(Name)!.Peers).Key);
        Assert.Contains("it has this host's own key", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
        Assert.Equal("failed", Reconciler().Compare(Goal(Plan(Lease(2), copy))).Single(row => row.Name == key.PublicKey.ToString()).State);
    }

    [Fact]
    public void Without_its_key_the_device_leads_nowhere_counts_as_missing_and_is_tried_later_and_later()
    {
        wireGuard.Refuse = change => change is WireGuardChange.SetDevice ? 98 : null;
        var outcome = Reconcile(Plan(2));
        Assert.Empty(outcome.Ready);
        Assert.Equal(1, outcome.MissingLinks);
        Assert.Equal(["SetDevice: errno 98"], outcome.NewErrors.AsEnumerable());
        foreach (int seconds in new[] { 1, 2, 4, 8 })
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), history.Retries.NextDelay());
            time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Empty(Reconcile(Plan(2)).NewErrors);
        }
        var row = Reconciler().Compare(Goal(Plan(2))).Single(row => row.Kind == "link");
        Assert.Equal(("failed", "SetDevice: errno 98"), (row.State, row.Error));
        wireGuard.Refuse = _ => null;
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(0, Reconcile(Plan(2)).MissingLinks);
        Assert.Empty(history.Retries.Errors);
    }

    [Fact]
    public void A_device_that_cannot_be_read_after_it_was_written_is_told_and_read_again()
    {
        Reconcile(Plan(2));
        int before = wireGuard.Reads;
        wireGuard.RefuseRead = read => (read - before) % 2 == 0 ? 74 : null;
        var outcome = Reconcile(Plan(2));
        Assert.Equal((1, 1), (outcome.MissingLinks, outcome.MissingPeers));
        Assert.Equal([$"read {Name}: errno 74"], outcome.NewErrors.AsEnumerable());
        Assert.Equal(TimeSpan.FromSeconds(1), history.Retries.NextDelay());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Reconcile(Plan(2)).NewErrors);
        Assert.Equal(TimeSpan.FromSeconds(2), history.Retries.NextDelay());
        Assert.Equal(2, wireGuard.Closed);
        wireGuard.RefuseRead = _ => null;
        Reconcile(Plan(2));
        Assert.Empty(history.Retries.Errors);
        Assert.Equal(2, wireGuard.Closed);
    }

    [Fact]
    public void A_peer_at_an_overlay_address_is_none_and_the_reason_is_said()
    {
        var inside = Lease(3) with { Public = new HostAddresses(Samples.Address("10.244.3.1"), null) };
        var outcome = Reconcile(Plan(Lease(2), inside));
        Assert.Equal(KeyOf(2), Assert.Single(wireGuard.Find(Name)!.Peers).Key);
        Assert.Contains("its end point is an overlay address", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
        Assert.Equal(1, outcome.MissingPeers);
    }

    [Fact]
    public void A_device_of_somebody_else_is_left_alone()
    {
        kernel.Apply([new RtnetlinkChange.CreateWireGuard(Name, 1420)]);
        kernel.SetUp(Name, up: true);
        var outcome = Reconcile(Plan(2));
        Assert.Empty(wireGuard.Writes);
        Assert.Empty(outcome.Ready);
        Assert.Contains("flannel-wg: a wireguard of somebody else has this name (EEXIST)", outcome.NewErrors);
    }

    private static PublicKey KeyOf(int n) => PublicKey.FromBytes([.. Enumerable.Repeat((byte)n, PublicKey.Length)]);

    private static Lease Lease(int n) => Samples.Lease(n, 0, new WireGuardOffer(KeyOf(n), 51820, 51821));

    private HostPlan Plan(params int[] peers) => Plan(new WireGuardConfig(), [.. peers.Select(Lease)]);

    private HostPlan Plan(params Lease[] peers) => Plan(new WireGuardConfig(), peers);

    private HostPlan Plan(WireGuardConfig config, params Lease[] peers) => Planner.Plan(
        new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), Samples.IPv4Network with { BackEnd = config }) { TunnelKey = key.PublicKey },
        Lease(1),
        peers);

    private void Change(int n, Func<WireGuardPeer, WireGuardPeer> change) =>
        wireGuard.Devices[Name] = wireGuard.Find(Name)! with { Peers = [.. wireGuard.Find(Name)!.Peers.Select(peer => peer.Key == KeyOf(n) ? change(peer) : peer)] };

    private TunnelReconciler Reconciler() => new(kernel, history, wireGuard: tunnels);

    private TunnelOutcome Reconcile(HostPlan plan, bool mayRemove = true) => Reconciler().Reconcile(Goal(plan, mayRemove));

    private TunnelGoal Goal(HostPlan plan, bool mayRemove = true) =>
        new(plan.Links, plan.Addresses, plan.Peers, [], mayRemove, link => BackEndRegistry.Owns(Samples.Node(1), link) || history.KnownDevices.Contains(link.Index)) { Networks = plan.Networks };
}
