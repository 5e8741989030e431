using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Network;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>Random messages, a generator for each type.</summary>
internal static class MessageGen
{
    private static readonly Gen<IPAddress?> IPv4 = Gen.Byte.Array[4].Select(octets => new IPAddress(octets)).Null();

    private static readonly Gen<IPAddress?> IPv6 = Gen.Byte.Array[16].Select(octets => new IPAddress(octets)).Null();

    internal static readonly Gen<NodeId> Node = Gen.Guid.Select(id => new NodeId(id));

    private static readonly Gen<HostAddresses> Addresses = Gen.Select(IPv4, IPv6).Select((v4, v6) => new HostAddresses(v4, v6));

    private static readonly Gen<LeaseSubnets> Subnets = Gen.Select(IPv4, Gen.Int[0, 32], IPv6, Gen.Int[0, 128])
        .Select((v4, length4, v6, length6) => new LeaseSubnets(
            v4 is null ? null : new IpPrefix(v4, length4).Network,
            v6 is null ? null : new IpPrefix(v6, length6).Network));

    private static readonly Gen<IpPrefix> Subnet = Gen.OneOf(
        Gen.Select(Gen.Byte.Array[4], Gen.Int[0, 32]).Select((octets, length) => new IpPrefix(new IPAddress(octets), length).Network),
        Gen.Select(Gen.Byte.Array[16], Gen.Int[0, 128]).Select((octets, length) => new IpPrefix(new IPAddress(octets), length).Network));

    private static readonly Gen<Offer> Offer = Gen.OneOf<Offer>(
        Gen.Select(Gen.UInt[1, 16_777_215], Gen.Byte.Array[6]).Select((vni, mac) => (Offer)new VxlanOffer(vni, MacAddress.FromBytes(mac))),
        Gen.Const<Offer>(new HostGwOffer()),
        Gen.Bool.Select(aws => (Offer)new CloudOffer(aws ? "aws-vpc" : "gce")),
        Gen.Select(Gen.Byte.Array[PublicKey.Length], Gen.Bool, Addresses).Select((key, encrypted, local) => (Offer)new UdpOffer(encrypted ? PublicKey.FromBytes(key) : null) { Local = local }),
        Addresses.Select(local => (Offer)new IpipOffer { Local = local }),
        Gen.Select(Gen.Byte.Array[PublicKey.Length], Gen.UShort, Gen.UShort).Select((key, port, port6) => (Offer)new WireGuardOffer(PublicKey.FromBytes(key), port, port6)),
        Gen.String[0, 40].Where(text => !text.Any(char.IsSurrogate)).Select(text => (Offer)new ExtensionOffer(text)),
        Gen.Const<Offer>(new AllocOffer()));

    private static readonly Gen<EquatableArray<Offer>> Offers = Offer.Array[0, 4].Select(offers => offers.ToEquatableArray());

    private static readonly Gen<HeldLease?> Held = Gen.Select(Subnets, Gen.Long).Select((subnets, generation) => new HeldLease(subnets, generation)).Null();

    private static readonly Gen<int?> UnderlayMtu = Gen.Int[1, 65_535].Nullable();

    public static readonly Gen<Lease> Lease = Gen.Select(Node, Gen.String, Subnets, Gen.Long, Addresses, Offers, UnderlayMtu)
        .Select((owner, name, subnets, generation, addresses, offers, mtu) => new Lease
        {
            Owner = owner,
            NodeName = name,
            Subnets = subnets,
            Generation = generation,
            Public = addresses,
            UnderlayMtu = mtu,
            Offers = offers,
        });

    internal static readonly Gen<NetworkVersion> Network = Gen.Select(Gen.Long, NetworkConfigGen.Any).Select((version, config) => new NetworkVersion(version, config));

    private static readonly Gen<LeaseEvent> Event = Gen.OneOf<LeaseEvent>(
        Gen.Select(Network, NetworkMessageGen.Note.Null()).Select((network, note) => (LeaseEvent)new LeaseEvent.NetworkSet(network.Version, network.Config) { Note = note }),
        Lease.Select(lease => (LeaseEvent)new LeaseEvent.Granted(lease)),
        Lease.Select(lease => (LeaseEvent)new LeaseEvent.Changed(lease)),
        Gen.Select(Node, Gen.Long).Select((owner, generation) => (LeaseEvent)new LeaseEvent.Released(owner, generation)),
        Gen.Select(Node, Gen.Long).Select((owner, generation) => (LeaseEvent)new LeaseEvent.Expired(owner, generation)),
        Subnet.Select(subnet => (LeaseEvent)new LeaseEvent.QuarantineOver(subnet)),
        Gen.Select(Subnet, Gen.String).Select((subnet, host) => (LeaseEvent)new LeaseEvent.Reserved(subnet, host)),
        Subnet.Select(subnet => (LeaseEvent)new LeaseEvent.Unreserved(subnet)));

    private static readonly Gen<SpaceSnapshot> Space = Gen.Select(
            Gen.Select(Subnet, Gen.Long).Array[0, 4],
            Gen.Select(Subnet, Node).Array[0, 4],
            Gen.Select(Subnet, Node, Gen.String, Gen.Long).Array[0, 4],
            Gen.Select(Subnet, Gen.String).Array[0, 4])
        .Select((free, owners, quarantines, reservations) => new SpaceSnapshot(
            free.ToEquatableArray(),
            owners.ToEquatableArray(),
            quarantines.Select(item => (item.Item1, new Quarantine(item.Item2, item.Item3, item.Item4))).ToEquatableArray(),
            reservations.ToEquatableArray()));

    private static readonly Gen<TimeSpan?> Time = Gen.Long[0, 1_000_000_000_000].Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)).Nullable();

    private static readonly Gen<LeaseDescription> Description = Gen.Select(
            Gen.Select(Subnets, Gen.Enum<LeaseState>(), Lease.Null()),
            Gen.Select(Node.Nullable(), Gen.String.Null(), Gen.String.Null()),
            Gen.Select(Time, Time))
        .Select((what, who, when) => new LeaseDescription(what.Item1, what.Item2, what.Item3, who.Item1, who.Item2, who.Item3, when.Item1, when.Item2));

    internal static readonly Gen<string> Text = Gen.String;

    private static readonly Gen<EquatableArray<string>> Texts = Gen.String.Array[0, 5].Select(texts => texts.ToEquatableArray());

    private static readonly Gen<EquatableArray<int>> Uids = Gen.Int.Array[0, 5].Select(uids => uids.ToEquatableArray());

    private static readonly Gen<LedgerIdentity?> Ledger = Gen.Select(Gen.Bool, Text, Gen.Select(Gen.Bool, Gen.Guid))
        .Select((said, kind, id) => said ? new LedgerIdentity(kind, id.Item1 ? id.Item2 : null) : null);

    private static readonly Gen<Guid?> Id = Gen.Select(Gen.Bool, Gen.Guid).Select((there, id) => there ? id : (Guid?)null);

    private static readonly Gen<Guid> Incarnation = Gen.OneOf(Gen.Guid, Gen.Const(Guid.Empty));

    private static readonly Gen<PathStep> Step = Gen.Select(Gen.Select(Text, Gen.Enum<StepState>(), Text), Gen.Select(Text.Null(), Text.Null(), Text.Null()))
        .Select((what, why) => new PathStep(what.Item1, what.Item2, what.Item3, why.Item1, why.Item2, why.Item3));

    /// <summary>One for each type; the type is what the generator gives.</summary>
    public static readonly Gen<IOverlayMessage>[] ByType =
    [
        Of(Gen.Select(Node, Text, Addresses, Offers, Held, Text, Gen.Select(Incarnation, UnderlayMtu)).Select((owner, name, addresses, offers, held, fingerprint, rest) =>
            new LeaseProtocol.Claim(new LeaseCommand.Claim(owner, name, addresses, offers, held) { UnderlayMtu = rest.Item2 }, NullIfEmpty(fingerprint)) { Incarnation = rest.Item1 })),
        Of(Gen.Select(Lease, Network, Text).Select((lease, network, conflict) => new LeaseProtocol.Granted(lease, network, NullIfEmpty(conflict)))),
        Of(Gen.Select(Gen.Enum<RefusalReason>(), Text).Select((reason, text) => new LeaseProtocol.Refused(reason, text))),
        Of(Gen.Select(Network, Text).Select((network, fingerprint) => new LeaseProtocol.NetworkIs(network, fingerprint))),
        Of(Gen.Select(Node, Gen.Long, Incarnation).Select((owner, generation, incarnation) => new LeaseProtocol.Release(owner, generation) { Incarnation = incarnation })),
        Of(Node.Select(owner => new LeaseProtocol.StillThere(owner))),
        Of(Gen.Select(Node, Incarnation).Select((owner, incarnation) => new LeaseProtocol.IAmHere(owner, incarnation))),
        Of(Gen.Select(Subnet.Nullable(), Subnet.Nullable()).Select((only, after) => new LeaseProtocol.Describe(only, after))),
        Of(Gen.Select(Gen.Long, Description.Array[0, 4], Subnet.Nullable()).Select((revision, leases, next) => new LeaseProtocol.Described(revision, leases.ToEquatableArray(), next))),
        Of(Gen.Select(Subnet, Text).Select((subnet, host) => new LeaseProtocol.Reserve(subnet, host))),
        Of(Subnet.Select(subnet => new LeaseProtocol.Unreserve(subnet))),
        Of(Gen.Select(Subnet, Gen.Bool).Select((subnet, force) => new LeaseProtocol.EndLease(subnet, force))),
        Of(Text.Select(text => new LeaseProtocol.Done(text))),
        Of(Gen.Select(Gen.Long, Network.Null(), Lease.Array[0, 4], Space, Space, NetworkMessageGen.Standing).Select((revision, network, leases, v4, v6, standing) =>
            new LedgerSnapshot(revision, network, leases.ToEquatableArray(), v4, v6) { Standing = standing })),
        Of(Gen.Select(Node, Gen.Long).Select((owner, generation) => new LeaseProtocol.Released(owner, generation))),
        Of(Gen.Select(Node, Gen.Guid, Gen.Long).Select((watcher, epoch, revision) => new LeaseProtocol.Watch(watcher, epoch, revision))),
        Of(Gen.Select(Gen.Guid, Gen.Long, Network, Lease.Array[0, 5], Gen.Int.NonNegative, Gen.Int.NonNegative).Select((epoch, revision, network, leases, page, pages) =>
            new LeaseProtocol.Snapshot(epoch, revision, network, leases.ToEquatableArray(), page % Math.Max(1, pages), Math.Max(1, pages)))),
        Of(Gen.Select(Gen.Guid, Gen.Long, Gen.Long, Event).Select((epoch, previous, revision, happened) => new LeaseProtocol.Change(epoch, previous, revision, happened))),
        Of(Gen.Select(Gen.Guid, Gen.Long).Select((epoch, revision) => new LeaseProtocol.UpToDate(epoch, revision))),
        Of(Event.Select(happened => new LedgerEntry(happened))),
        Of(Gen.Select(Text, Gen.Int, Text).Select((address, uid, network) => new NodeProtocol.WhoAreYou(address, uid) { Network = network })),
        Of(Gen.Select(Text, Gen.Int, Gen.Bool, Gen.Bool, Gen.Int.NonNegative, Text).Select((address, uid, up, knows, core, network) =>
            new NodeProtocol.IAm(address, uid, up, knows, core) { Network = network })),
        Of(Gen.Select(Gen.Bool, Gen.UInt).Select((given, seconds) => new NodeProtocol.LeaveOverlay { Drain = given ? TimeSpan.FromSeconds(seconds) : null })),
        Of(Gen.Select(Gen.Bool, Text).Select((accepted, text) => new NodeProtocol.LeavingOverlay(accepted, text))),
        Of(Gen.Select(Gen.Select(Text, Texts, Id), Gen.Select(Gen.Bool, Gen.Bool, Gen.Int.NonNegative), Gen.Select(Texts, Gen.Bool, Gen.Bool, Ledger, Text)).Select((who, state, rest) =>
            new NodeProtocol.SeatNews(who.Item1, who.Item2, who.Item3, state.Item1, state.Item2, state.Item3, rest.Item1, rest.Item2, rest.Item3, rest.Item4) { Network = rest.Item5 })),
        Of(Gen.Select(Text, Gen.Long, Id, Texts, Gen.Bool, Gen.Bool, Ledger).Select((candidate, ballot, cluster, seeds, bootstrap, whole, ledger) =>
            new NodeProtocol.VoteRequest(candidate, ballot, cluster, seeds, bootstrap, whole, ledger))),
        Of(Gen.Select(Text, Gen.Long, Gen.Bool, Texts).Select((voter, ballot, granted, seeds) => new NodeProtocol.Vote(voter, ballot, granted, seeds))),
        Of(Gen.Select(Gen.Int, Gen.Long, Uids, Uids).Select((uid, counter, reaches, lost) => new NodeProtocol.CoreView(uid, counter, reaches, lost)).Array[0, 5]
            .Select(views => new NodeProtocol.CoreViews(views.ToEquatableArray()))),
        Of(Gen.OneOf(Path(4), Path(16))),
        Of(Gen.Select(Node, Text, Gen.Int.NonNegative, Step.Array[0, 5]).Select((node, host, size, steps) => new NodeProtocol.PathExplained(node, host, size, steps.ToEquatableArray()))),
        Of(Gen.Select(Node, Text, ProbeEndPoint.Array[0, 2], Gen.ULong, Gen.Int[0, 65_535], Text, Gen.Bool).Select((node, name, endPoints, token, mtu, reason, wanted) =>
            new ProbeProtocol.Announcement(node, name, endPoints.ToEquatableArray(), new ProbeToken(token), mtu, NullIfEmpty(reason), wanted))),
        .. NetworkMessageGen.ByType,
        .. QuorumMessageGen.ByType,
        .. ViewMessageGen.ByType,
    ];

    private static Gen<IPEndPoint> ProbeEndPoint => Gen.Select(Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]), Gen.Int[1, 65_535])
        .Select((octets, port) => new IPEndPoint(new IPAddress(octets), port));

    private static Gen<NodeProtocol.ExplainPath> Path(int octets) => Gen.Select(Node, Gen.Byte.Array[octets], Gen.Byte.Array[octets], Gen.Enum<PathSide>(), IPv4, Gen.Int.NonNegative)
        .Select((owner, from, to, side, outer, size) => new NodeProtocol.ExplainPath(owner, new IPAddress(from), new IPAddress(to), side, outer, size));

    private static Gen<IOverlayMessage> Of<T>(Gen<T> gen) where T : IOverlayMessage => gen.Select(message => (IOverlayMessage)message);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
