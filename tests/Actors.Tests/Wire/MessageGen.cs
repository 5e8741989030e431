using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Network;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>Random messages, a generator for each type.</summary>
internal static class MessageGen
{
    private static readonly Gen<IPAddress?> IPv4 = Gen.Byte.Array[4].Select(octets => new IPAddress(octets)).Null();

    private static readonly Gen<IPAddress?> IPv6 = Gen.Byte.Array[16].Select(octets => new IPAddress(octets)).Null();

    private static readonly Gen<NodeId> Node = Gen.Guid.Select(id => new NodeId(id));

    private static readonly Gen<HostAddresses> Addresses = Gen.Select(IPv4, IPv6).Select((v4, v6) => new HostAddresses(v4, v6));

    private static readonly Gen<LeaseSubnets> Subnets = Gen.Select(IPv4, Gen.Int[0, 32], IPv6, Gen.Int[0, 128])
        .Select((v4, length4, v6, length6) => new LeaseSubnets(
            v4 is null ? null : new IpPrefix(v4, length4).Network,
            v6 is null ? null : new IpPrefix(v6, length6).Network));

    private static readonly Gen<Offer> Offer = Gen.OneOf<Offer>(
        Gen.Select(Gen.UInt[1, 16_777_215], Gen.Byte.Array[6]).Select((vni, mac) => (Offer)new VxlanOffer(vni, MacAddress.FromBytes(mac))),
        Gen.Const<Offer>(new HostGwOffer()),
        Gen.Const<Offer>(new AllocOffer()));

    private static readonly Gen<EquatableArray<Offer>> Offers = Offer.Array[0, 4].Select(offers => offers.ToEquatableArray());

    private static readonly Gen<HeldLease?> Held = Gen.Select(Subnets, Gen.Long).Select((subnets, generation) => new HeldLease(subnets, generation)).Null();

    public static readonly Gen<Lease> Lease = Gen.Select(Node, Gen.String, Subnets, Gen.Long, Addresses, Offers)
        .Select((owner, name, subnets, generation, addresses, offers) => new Lease
        {
            Owner = owner,
            NodeName = name,
            Subnets = subnets,
            Generation = generation,
            Public = addresses,
            Offers = offers,
        });

    private static readonly Gen<NetworkVersion> Network = Gen.Select(Gen.Long, NetworkConfigGen.Any).Select((version, config) => new NetworkVersion(version, config));

    private static readonly Gen<LeaseEvent> Event = Gen.OneOf<LeaseEvent>(
        Network.Select(network => (LeaseEvent)new LeaseEvent.NetworkSet(network.Version, network.Config)),
        Lease.Select(lease => (LeaseEvent)new LeaseEvent.Granted(lease)),
        Lease.Select(lease => (LeaseEvent)new LeaseEvent.Changed(lease)),
        Gen.Select(Node, Gen.Long).Select((owner, generation) => (LeaseEvent)new LeaseEvent.Released(owner, generation)));

    internal static readonly Gen<string> Text = Gen.String;

    private static readonly Gen<EquatableArray<string>> Texts = Gen.String.Array[0, 5].Select(texts => texts.ToEquatableArray());

    private static readonly Gen<EquatableArray<int>> Uids = Gen.Int.Array[0, 5].Select(uids => uids.ToEquatableArray());

    private static readonly Gen<Guid?> Id = Gen.Select(Gen.Bool, Gen.Guid).Select((there, id) => there ? id : (Guid?)null);

    /// <summary>One for each type; the type is what the generator gives.</summary>
    public static readonly Gen<IOverlayMessage>[] ByType =
    [
        Of(Gen.Select(Node, Text, Addresses, Offers, Held, Text).Select((owner, name, addresses, offers, held, fingerprint) =>
            new LeaseProtocol.Claim(new LeaseCommand.Claim(owner, name, addresses, offers, held), NullIfEmpty(fingerprint)))),
        Of(Gen.Select(Lease, Network, Text).Select((lease, network, conflict) => new LeaseProtocol.Granted(lease, network, NullIfEmpty(conflict)))),
        Of(Gen.Select(Gen.Enum<RefusalReason>(), Text).Select((reason, text) => new LeaseProtocol.Refused(reason, text))),
        Of(Gen.Select(Network, Text).Select((network, fingerprint) => new LeaseProtocol.NetworkIs(network, fingerprint))),
        Of(Gen.Select(Node, Gen.Long).Select((owner, generation) => new LeaseProtocol.Release(owner, generation))),
        Of(Gen.Select(Node, Gen.Long).Select((owner, generation) => new LeaseProtocol.Released(owner, generation))),
        Of(Gen.Select(Node, Gen.Guid, Gen.Long).Select((watcher, epoch, revision) => new LeaseProtocol.Watch(watcher, epoch, revision))),
        Of(Gen.Select(Gen.Guid, Gen.Long, Network, Lease.Array[0, 5], Gen.Int.NonNegative, Gen.Int.NonNegative).Select((epoch, revision, network, leases, page, pages) =>
            new LeaseProtocol.Snapshot(epoch, revision, network, leases.ToEquatableArray(), page % Math.Max(1, pages), Math.Max(1, pages)))),
        Of(Gen.Select(Gen.Guid, Gen.Long, Gen.Long, Event).Select((epoch, previous, revision, happened) => new LeaseProtocol.Change(epoch, previous, revision, happened))),
        Of(Gen.Select(Gen.Guid, Gen.Long).Select((epoch, revision) => new LeaseProtocol.UpToDate(epoch, revision))),
        Of(Event.Select(happened => new LedgerEntry(happened))),
        Of(Gen.Select(Text, Gen.Int).Select((address, uid) => new NodeProtocol.WhoAreYou(address, uid))),
        Of(Gen.Select(Text, Gen.Int, Gen.Bool, Gen.Bool, Gen.Int.NonNegative).Select((address, uid, up, knows, core) => new NodeProtocol.IAm(address, uid, up, knows, core))),
        Of(Gen.Const(new NodeProtocol.LeaveOverlay())),
        Of(Gen.Select(Gen.Bool, Text).Select((accepted, text) => new NodeProtocol.LeavingOverlay(accepted, text))),
        Of(Gen.Select(Gen.Select(Text, Texts, Id), Gen.Select(Gen.Bool, Gen.Bool, Gen.Int.NonNegative), Gen.Select(Texts, Gen.Bool, Gen.Bool)).Select((who, state, rest) =>
            new NodeProtocol.SeatNews(who.Item1, who.Item2, who.Item3, state.Item1, state.Item2, state.Item3, rest.Item1, rest.Item2, rest.Item3))),
        Of(Gen.Select(Text, Gen.Long, Id, Texts, Gen.Bool).Select((candidate, ballot, cluster, seeds, bootstrap) =>
            new NodeProtocol.VoteRequest(candidate, ballot, cluster, seeds, bootstrap))),
        Of(Gen.Select(Text, Gen.Long, Gen.Bool, Texts).Select((voter, ballot, granted, seeds) => new NodeProtocol.Vote(voter, ballot, granted, seeds))),
        Of(Gen.Select(Gen.Int, Gen.Long, Uids, Uids).Select((uid, counter, reaches, lost) => new NodeProtocol.CoreView(uid, counter, reaches, lost)).Array[0, 5]
            .Select(views => new NodeProtocol.CoreViews(views.ToEquatableArray()))),
        .. QuorumMessageGen.ByType,
    ];

    private static Gen<IOverlayMessage> Of<T>(Gen<T> gen) where T : IOverlayMessage => gen.Select(message => (IOverlayMessage)message);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
