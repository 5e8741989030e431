using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Simulation.Check;

namespace AkkaOverlay.Simulation.Cluster;

/// <summary>The network that the simulated hosts share, and the translation between the product's types and the checker's.</summary>
internal sealed class Pool
{
    private readonly SubnetPool pool;

    public Pool(int subnets)
    {
        var all = IpPrefix.Parse("10.9.0.0/16");
        var zero = new IpPrefix(all.Address, 24);
        pool = new SubnetPool(all, 24, zero.Next(1).Address, zero.Next((uint)subnets).Address);
        Network = new NetworkConfig { IPv4 = pool };
    }

    public NetworkConfig Network { get; }

    public int Count => (int)pool.Count;

    public LeaseSubnets Subnets(int index) => new(pool.SubnetAt((uint)index), null);

    public static HostAddresses Addresses(int address) => new(new IPAddress(unchecked((uint)address)), null);

    public Fact ToFact(LeaseEvent happened) => happened switch
    {
        LeaseEvent.NetworkSet => new Fact(FactKind.Network, Guid.Empty, 0, 0, 0),
        LeaseEvent.Granted { Lease: var lease } => ToFact(FactKind.Granted, lease),
        LeaseEvent.Changed { Lease: var lease } => ToFact(FactKind.Changed, lease),
        LeaseEvent.Released released => new Fact(FactKind.Released, released.Owner.Value, 0, released.Generation, 0),
        LeaseEvent.Expired expired => new Fact(FactKind.Expired, expired.Owner.Value, 0, expired.Generation, 0),
        LeaseEvent.QuarantineOver over => new Fact(FactKind.QuarantineOver, Guid.Empty, (int)pool.IndexOf(over.Subnet), 0, 0),
        _ => throw new ArgumentException($"The simulation does not know {happened.GetType().Name}.", nameof(happened)),
    };

    public LeaseEvent ToEvent(Fact fact) => fact.Kind switch
    {
        FactKind.Network => new LeaseEvent.NetworkSet(1, Network),
        FactKind.Granted => new LeaseEvent.Granted(ToLease(fact)),
        FactKind.Changed => new LeaseEvent.Changed(ToLease(fact)),
        FactKind.Expired => new LeaseEvent.Expired(new NodeId(fact.Owner), fact.Generation),
        FactKind.QuarantineOver => new LeaseEvent.QuarantineOver(pool.SubnetAt((uint)fact.Subnet)),
        _ => new LeaseEvent.Released(new NodeId(fact.Owner), fact.Generation),
    };

    public Hold ToHold(Lease lease)
    {
        var fact = ToFact(FactKind.Granted, lease);
        return new Hold(fact.Subnet, fact.Generation, fact.Address);
    }

    private Fact ToFact(FactKind kind, Lease lease) => new(
        kind,
        lease.Owner.Value,
        (int)pool.IndexOf(lease.Subnets.IPv4!.Value),
        lease.Generation,
        BitConverter.ToInt32(lease.Public.IPv4!.GetAddressBytes()));

    private Lease ToLease(Fact fact) => new()
    {
        Owner = new NodeId(fact.Owner),
        NodeName = LedgerModel.Short(fact.Owner),
        Subnets = Subnets(fact.Subnet),
        Generation = fact.Generation,
        Public = Addresses(fact.Address),
    };
}
