using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Leases;

/// <summary>A lease table with its journal, as the allocator drives it.</summary>
internal sealed class LeaseTableDriver
{
    public LeaseTableDriver(NetworkConfig network) => Run(new LeaseCommand.FoundNetwork(network));

    public LeaseTable Table { get; private set; } = LeaseTable.Empty;

    public List<LeaseEvent> Journal { get; } = [];

    public (ImmutableArray<LeaseEvent> Events, LeaseReply Reply) Run(LeaseCommand command)
    {
        var (events, reply) = Table.Decide(command);
        foreach (var happened in events)
        {
            Journal.Add(happened);
            Table = Table.Apply(happened);
        }
        return (events, reply);
    }

    public Lease Grant(int node, HeldLease? held = null) => Assert.IsType<LeaseReply.Granted>(Run(Samples.Claim(node, held)).Reply).Lease;

    public void Expire(int node) => Run(new LeaseCommand.Expire(Samples.Node(node), Table.Leases[Samples.Node(node)].Generation));

    public void Release(int node) => Run(new LeaseCommand.Release(Samples.Node(node), Table.Leases[Samples.Node(node)].Generation));
}

/// <summary>Networks with so few subnets that everything happens soon.</summary>
internal static class SmallNetworks
{
    public static NetworkConfig IPv4(int subnets) => new() { IPv4 = Pool("10.9.0.0/24", 28, subnets) };

    public static NetworkConfig IPv6(int subnets) => new() { IPv6 = Pool("fd09::/56", 64, subnets) };

    public static NetworkConfig Dual(int subnets4, int subnets6) => new() { IPv4 = Pool("10.9.0.0/24", 28, subnets4), IPv6 = Pool("fd09::/56", 64, subnets6) };

    /// <summary>From the second subnet of the network on: SubnetMin is not its first address.</summary>
    private static SubnetPool Pool(string network, int length, int subnets)
    {
        var all = IpPrefix.Parse(network);
        var zero = new IpPrefix(all.Address, length);
        return new SubnetPool(all, length, zero.Next(1).Address, zero.Next((uint)subnets).Address);
    }
}
