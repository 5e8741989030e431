using Akka.Actor;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>A page of the largest leases fits into a remoting frame of 512 000 octets, with room for the network's configuration.</summary>
public sealed class PageSizeSpecs : IDisposable
{
    private const int Most = 350_000;

    private readonly ActorSystem system = ActorSystem.Create("pages");

    private static IEnumerable<Lease> Largest => Enumerable.Range(1, SubnetAllocatorActor.LeasesPerPage).Select(n =>
        Samples.DualLease(n, new ExtensionOffer(new string('€', ExtensionOffer.MaxData / 3))) with { NodeName = new string('h', 253), Generation = long.MaxValue, UnderlayMtu = ushort.MaxValue });

    public void Dispose() => system.Dispose();

    [Fact]
    public void Of_the_feed() => Assert.InRange(
        Octets(new LeaseProtocol.Snapshot(Guid.NewGuid(), long.MaxValue, Samples.Version(Samples.DualNetwork), Largest.ToEquatableArray(), 1, 1)), 1, Most);

    [Fact]
    public void Of_the_listing() => Assert.InRange(
        Octets(new LeaseProtocol.Described(
            long.MaxValue,
            Largest.Select(lease => new LeaseDescription(lease.Subnets, LeaseState.Held, lease, lease.Owner, lease.NodeName, lease.NodeName, Unseen: TimeSpan.FromDays(9999))).ToEquatableArray(),
            IpPrefix.Parse("10.244.255.0/24"))),
        1,
        Most);

    private int Octets(object message) => new OverlaySerializer((ExtendedActorSystem)system).ToBinary(message).Length;
}
