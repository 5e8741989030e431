using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Reconcile;

/// <summary>
/// Three networks on one host, each with reconcilers and a node id of its own, on one kernel. Whatever one of them does, comes or goes, the others' objects stay as they are.
/// </summary>
public sealed class TwoNetworksSpecs : IDisposable
{
    private readonly FakeRtnetlink kernel = new();
    private readonly Network plain, red, blue;

    public TwoNetworksSpecs()
    {
        kernel.AddDevice("eth0", "192.168.7.1/24");
        plain = new Network(kernel, "", 1, Samples.IPv4Network with { BackEnd = new VxlanConfig { Vni = 1 } }, bridge: null);
        red = new Network(kernel, "red", 11, Samples.IPv4Network with { BackEnd = new VxlanConfig { Vni = 2 } }, "br-red");
        blue = new Network(kernel, "blue", 21, Samples.IPv4Network with { BackEnd = new VxlanConfig { Vni = 3, Port = 8473 } }, "br-blue", VxlanLayout.Compact);
    }

    private IEnumerable<Network> All => [plain, red, blue];

    public void Dispose() => kernel.Dispose();

    [Fact]
    public void Each_comes_to_rest_beside_the_others_with_the_same_subnets()
    {
        foreach (var network in All)
            network.Settle(2, 3);
        foreach (var network in All)
        {
            Assert.Equal(0, network.Settle(2, 3));
            Assert.NotEmpty(network.Objects);
        }
        Assert.Equal(kernel.Routes.Count + kernel.Rules.Count + kernel.Neighbours.Count + kernel.Nexthops.Count, All.Sum(network => network.Objects.Count));
    }

    [Fact]
    public void What_one_gives_up_is_its_own()
    {
        foreach (var mover in All)
        {
            foreach (var network in All)
                network.Settle(2, 3);
            var others = All.Except([mover]).ToDictionary(network => network, network => network.Objects);
            mover.Settle();
            mover.Settle(4);
            mover.Restarted().Settle(3);
            mover.Nothing();
            Assert.Empty(mover.Objects);
            Assert.All(others, other => Assert.Equal(other.Value, other.Key.Objects));
            Assert.All(others.Keys, other => Assert.Equal(0, other.Settle(2, 3)));
        }
    }

    [Fact]
    public void A_cleanup_takes_one_and_leaves_the_others()
    {
        foreach (var gone in All)
        {
            foreach (var network in All)
                network.Settle(2, 3);
            var others = All.Except([gone]).ToDictionary(network => network, network => network.Objects);
            var outcome = new HostCleanup(kernel, gone.Name).Run(gone.Node);
            Assert.NotEmpty(outcome.Removed);
            Assert.Empty(outcome.Errors);
            Assert.Empty(gone.Objects);
            Assert.All(others, other => Assert.Equal(other.Value, other.Key.Objects));
        }
    }

    /// <summary>Then no tunnel can be told for this network's: what is on the tunnels stays.</summary>
    [Fact]
    public void A_cleanup_without_a_node_id_leaves_the_others_too()
    {
        foreach (var gone in All)
        {
            foreach (var network in All)
                network.Settle(2, 3);
            var others = All.Except([gone]).ToDictionary(network => network, network => network.Objects);
            new HostCleanup(kernel, gone.Name).Run(null);
            Assert.DoesNotContain(kernel.Routes, route => route.Protocol == RouteReconciler.OverlayProtocol && gone.Name.HasTable(route.Table));
            Assert.All(others, other => Assert.Equal(other.Value, other.Key.Objects));
        }
    }

    [Fact]
    public void Nexthop_ids_do_not_meet()
    {
        var green = new Network(kernel, "green", 31, Samples.IPv4Network with { BackEnd = new VxlanConfig { Vni = 4, Port = 8474 } }, "br-green", VxlanLayout.Compact);
        foreach (var network in new[] { blue, green })
            network.Settle(2, 3);
        Assert.Equal(4, kernel.Nexthops.Select(nexthop => nexthop.Id).Distinct().Count());
        Assert.Contains(kernel.Nexthops, nexthop => nexthop.Id == blue.Name.FirstNexthopId);
        Assert.Contains(kernel.Nexthops, nexthop => nexthop.Id == green.Name.FirstNexthopId);
    }

    [Fact]
    public void A_network_that_is_kept_apart_looks_up_by_device_and_falls_through_to_nobody()
    {
        red.Settle(2);
        int eth = kernel.Device("flannel.2").Index;
        uint table = red.Name.Table;
        Assert.Equal(
            ["iif br-red lookup " + table, "iif flannel.2 lookup " + table],
            kernel.Rules.Select(rule => $"{RouteReconciler.SelectorOf(rule)} lookup {rule.Table}").Order(StringComparer.Ordinal));
        Assert.All(kernel.Rules, rule => Assert.Equal(RouteReconciler.IncomingRulePriority, rule.Priority));
        Assert.Contains(kernel.Routes, route => route is { Type: RouteType.Blackhole, Metric: RouteReconciler.LastMetric } && route.Destination == IpPrefix.Parse("10.244.0.0/16") && route.Table == table);
        Assert.Contains(kernel.Routes, route => route.Destination == IpPrefix.Parse("10.244.2.0/24") && route.Interface == eth);
        // No address: another network's route could not have it as its gateway.
        Assert.DoesNotContain(kernel.Addresses, address => address.Interface == eth);
        // Its containers' bridge is not there yet: nobody waits for it.
        Assert.DoesNotContain(kernel.Routes, route => route.Destination == IpPrefix.Parse("10.244.1.0/24"));
        Assert.Equal(0, red.LastMissing);
        kernel.AddDevice("br-red", "10.244.1.1/24");
        red.Settle(2);
        Assert.Contains(kernel.Routes, route => route.Destination == IpPrefix.Parse("10.244.1.0/24") && route.Table == table && route.Interface == kernel.Device("br-red").Index && route.Scope == RouteScope.Link);
    }

    [Fact]
    public void An_address_from_before_it_was_kept_apart_goes()
    {
        var before = new Network(kernel, "red", 11, Samples.IPv4Network with { BackEnd = new VxlanConfig { Vni = 2 } }, bridge: null);
        before.Settle(2);
        Assert.Contains(kernel.Addresses, address => address.Interface == kernel.Device("flannel.2").Index);
        Assert.Contains(kernel.Rules, rule => rule.Destination is not null);
        red.Settle(2);
        Assert.DoesNotContain(kernel.Addresses, address => address.Interface == kernel.Device("flannel.2").Index);
        Assert.DoesNotContain(kernel.Rules, rule => rule.Destination is not null);
        Assert.Equal(0, red.Settle(2));
    }

    [Fact]
    public void Udp_in_a_table_of_its_own_passes_over_the_hosts_own_containers()
    {
        var config = Samples.IPv4Network with { BackEnd = new UdpConfig { Port = 8286 } };
        Assert.True(NetworkName.TryParse("blue", out var name));
        var facts = new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), config) { Name = name, HasOwnTable = true };
        var plan = Planner.Plan(facts, Samples.Lease(1), []);
        Assert.Equal("flannel-u8286", Assert.Single(plan.Links).Name);
        Assert.Contains(plan.Routes, route => route.Type == RouteType.Throw && route.Destination == IpPrefix.Parse("10.244.1.0/24"));
        Assert.DoesNotContain(Planner.Plan(facts with { HasOwnTable = false }, Samples.Lease(1), []).Routes, route => route.Type == RouteType.Throw);
    }

    [Fact]
    public void A_back_end_that_shares_its_device_cannot_be_kept_apart_and_reaches_nobody()
    {
        foreach (var config in new BackEndConfig[] { new HostGwConfig(), new VxlanConfig { DirectRouting = true } })
        {
            var network = Samples.IPv4Network with { BackEnd = config };
            Assert.False(BackEndRegistry.CanBeApart(network));
            var facts = new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), network) { HasOwnTable = true, Bridge = "br0" };
            var plan = Planner.Plan(facts, Samples.Lease(1), [Samples.Lease(2)]);
            Assert.Empty(plan.Peers);
            Assert.Empty(plan.Reached);
            Assert.Contains(plan.Routes, route => route.Type == RouteType.Blackhole);
        }
    }

    /// <summary>One network's process: what its two managers do.</summary>
    private sealed class Network(FakeRtnetlink kernel, string name, int firstNode, NetworkConfig config, string? bridge, VxlanLayout layout = VxlanLayout.Classic)
    {
        private readonly ManualTime time = new();
        private ObjectHistory routeHistory = new(new ManualTime()), tunnelHistory = new(new ManualTime());
        private System.Collections.Immutable.ImmutableHashSet<NextHop> inUse = [];

        public NetworkName Name => NetworkName.TryParse(name, out var parsed) ? parsed : NetworkName.Default;

        public NodeId Node => Samples.Node(firstNode);

        public int LastMissing { get; private set; }

        /// <summary>All that carries a sign of this network's, in the order of a dump.</summary>
        public IReadOnlyList<object> Objects
        {
            get
            {
                var mine = kernel.DumpLinks().Where(link => BackEndRegistry.Owns(Node, link)).Select(link => link.Index).ToHashSet();
                return
                [
                    .. kernel.Routes.Where(route => route.Protocol == RouteReconciler.OverlayProtocol && Name.HasTable(route.Table)),
                    .. kernel.Rules.Where(rule => Name.HasTable(rule.Table)),
                    .. kernel.Neighbours.Where(entry => mine.Contains(entry.Interface)),
                    .. kernel.Nexthops.Where(nexthop => mine.Contains(nexthop.Interface)),
                ];
            }
        }

        public Network Restarted()
        {
            (routeHistory, tunnelHistory, inUse) = (new ObjectHistory(time), new ObjectHistory(time), []);
            return this;
        }

        /// <param name="peers">Their subnets are 10.244.n.0/24, in each network.</param>
        public int Settle(params int[] peers)
        {
            var facts = new HostFacts(Node, new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), config)
            {
                Name = Name,
                Bridge = bridge,
                HasOwnTable = !Name.IsDefault,
                VxlanLayout = layout,
            };
            return Settle(Planner.Plan(facts, Lease(1), peers.Select(Lease)));
        }

        public void Nothing() => Settle(HostPlan.Nothing);

        private int Settle(HostPlan plan)
        {
            int before = kernel.Writes.Count;
            for (int i = 0; i < 2; i++)
            {
                var ready = Tunnels(plan).Ready;
                var outcome = new RouteReconciler(kernel, routeHistory, Name.Table, Name).Reconcile(new RouteGoal(plan.Routes, ready, MayRemove: true) { Networks = plan.Networks, Incoming = plan.Incoming });
                (inUse, LastMissing) = (outcome.InUse, outcome.Missing);
            }
            Tunnels(plan);
            return kernel.Writes.Count - before;
        }

        private TunnelOutcome Tunnels(HostPlan plan) => new TunnelReconciler(kernel, tunnelHistory).Reconcile(
            new TunnelGoal(plan.Links, plan.Addresses, plan.Peers, inUse, MayRemove: true, link => BackEndRegistry.Owns(Node, link) || tunnelHistory.KnownDevices.Contains(link.Index))
            {
                FirstNexthopId = Name.FirstNexthopId,
            });

        private Lease Lease(int n)
        {
            var node = Samples.Node(firstNode + n - 1);
            uint vni = (uint)((VxlanConfig)config.BackEnd).Vni;
            return Samples.Lease(n) with { Owner = node, Offers = [new VxlanOffer(vni, VxlanBackEnd.MacFor(node, vni))] };
        }
    }
}
