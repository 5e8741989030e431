using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Wire;

/// <summary>
/// Between the records of the domain and the generated classes of <c>leases.proto</c>. Reading takes nothing on trust: whatever does not fit throws
/// <see cref="FormatException"/>, and a field that this release does not know is passed over.
/// </summary>
internal static class ProtoMapping
{
    public static ByteString ToProto(this NodeId id) => id.Value.ToProto();

    public static ByteString ToProto(this Guid id) => ByteString.CopyFrom(id.ToByteArray(bigEndian: true));

    public static Guid ToGuid(this ByteString bytes) =>
        bytes.Length == 16 ? new Guid(bytes.Span, bigEndian: true) : throw new FormatException($"An id has 16 octets, not {bytes.Length}.");

    public static NodeId ToNodeId(this ByteString bytes) => new(bytes.ToGuid());

    public static Proto.Prefix ToProto(this IpPrefix prefix) =>
        new() { Address = ByteString.CopyFrom(prefix.Address.GetAddressBytes()), Length = (uint)prefix.Length };

    /// <summary>Of whichever family its address is.</summary>
    public static IpPrefix ToSubnet(this Proto.Prefix? prefix) => prefix is null
        ? throw new FormatException("A subnet is missing.")
        : prefix.ToDomain(prefix.Address.Length == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);

    private static IpPrefix ToDomain(this Proto.Prefix prefix, AddressFamily family)
    {
        var address = prefix.Address.ToAddress(family) ?? throw new FormatException("A prefix has no address.");
        if (prefix.Length > address.BitLength())
            throw new FormatException($"{address} cannot have a prefix length of {prefix.Length}.");
        var subnet = new IpPrefix(address, (int)prefix.Length);
        return subnet.IsNetwork ? subnet : throw new FormatException($"{subnet} is no subnet: it has host bits.");
    }

    public static Proto.HostAddresses ToProto(this HostAddresses addresses)
    {
        var proto = new Proto.HostAddresses();
        if (addresses.IPv4 is { } v4)
            proto.Ipv4 = ByteString.CopyFrom(v4.GetAddressBytes());
        if (addresses.IPv6 is { } v6)
            proto.Ipv6 = ByteString.CopyFrom(v6.GetAddressBytes());
        return proto;
    }

    public static HostAddresses ToDomain(this Proto.HostAddresses? addresses) =>
        addresses is null ? default : new HostAddresses(addresses.Ipv4.ToAddress(AddressFamily.InterNetwork), addresses.Ipv6.ToAddress(AddressFamily.InterNetworkV6));

    public static Proto.Subnets ToProto(this LeaseSubnets subnets) => new() { Ipv4 = subnets.IPv4?.ToProto(), Ipv6 = subnets.IPv6?.ToProto() };

    public static LeaseSubnets ToDomain(this Proto.Subnets? subnets) =>
        subnets is null ? default : new LeaseSubnets(subnets.Ipv4?.ToDomain(AddressFamily.InterNetwork), subnets.Ipv6?.ToDomain(AddressFamily.InterNetworkV6));

    public static Proto.Offer ToProto(this Offer offer) => offer switch
    {
        VxlanOffer vxlan => new Proto.Offer
        {
            Vxlan = new Proto.Offer.Types.Vxlan
            {
                Vni = vxlan.Vni,
                VtepMac = ByteString.CopyFrom(vxlan.VtepMac.ToBytes()),
                Local = vxlan.Local == default ? null : vxlan.Local.ToProto(),
            },
        },
        HostGwOffer => new Proto.Offer { HostGw = new Proto.Offer.Types.HostGw() },
        UdpOffer udp => new Proto.Offer
        {
            Udp = new Proto.Offer.Types.Udp
            {
                PublicKey = udp.Key is { } key ? ByteString.CopyFrom(key.ToBytes()) : ByteString.Empty,
                Local = udp.Local == default ? null : udp.Local.ToProto(),
            },
        },
        IpipOffer ipip => new Proto.Offer { Ipip = new Proto.Offer.Types.Ipip { Local = ipip.Local == default ? null : ipip.Local.ToProto() } },
        WireGuardOffer wireguard => new Proto.Offer
        {
            Wireguard = new Proto.Offer.Types.WireGuard
            {
                PublicKey = ByteString.CopyFrom(wireguard.Key.ToBytes()),
                Port = wireguard.Port,
                PortV6 = wireguard.PortV6,
            },
        },
        CloudOffer cloud => new Proto.Offer { Cloud = new Proto.Offer.Types.Cloud { BackEnd = cloud.BackEnd } },
        ExtensionOffer extension => new Proto.Offer { Extension = new Proto.Offer.Types.Extension { Data = extension.Data } },
        AllocOffer => new Proto.Offer { Alloc = new Proto.Offer.Types.Alloc() },
        _ => throw new ArgumentException($"An offer of {offer.GetType().Name} has no place on the wire.", nameof(offer)),
    };

    /// <summary>Null for an offer that only a newer release understands.</summary>
    public static Offer? ToDomain(this Proto.Offer offer) => offer.KindCase switch
    {
        Proto.Offer.KindOneofCase.Vxlan => new VxlanOffer(VniFrom(offer.Vxlan.Vni), MacFrom(offer.Vxlan.VtepMac)) { Local = offer.Vxlan.Local.ToDomain() },
        Proto.Offer.KindOneofCase.HostGw => new HostGwOffer(),
        Proto.Offer.KindOneofCase.Udp => new UdpOffer(KeyFrom(offer.Udp.PublicKey)) { Local = offer.Udp.Local.ToDomain() },
        Proto.Offer.KindOneofCase.Ipip => new IpipOffer { Local = offer.Ipip.Local.ToDomain() },
        Proto.Offer.KindOneofCase.Wireguard => WireGuardFrom(offer.Wireguard),
        Proto.Offer.KindOneofCase.Cloud => new CloudOffer(offer.Cloud.BackEnd),
        Proto.Offer.KindOneofCase.Extension => ExtensionOffer.Carries(offer.Extension.Data) ? new ExtensionOffer(offer.Extension.Data) : null,
        Proto.Offer.KindOneofCase.Alloc => new AllocOffer(),
        _ => null,
    };

    public static EquatableArray<Offer> ToDomain(this IEnumerable<Proto.Offer> offers) => offers.Select(ToDomain).OfType<Offer>().ToEquatableArray();

    public static Proto.Lease ToProto(this Lease lease)
    {
        var proto = new Proto.Lease
        {
            Owner = lease.Owner.ToProto(),
            NodeName = lease.NodeName,
            Subnets = lease.Subnets.ToProto(),
            Generation = lease.Generation,
            Public = lease.Public.ToProto(),
            UnderlayMtu = lease.UnderlayMtu.ToProto(),
        };
        foreach (var offer in lease.Offers)
            proto.Offers.Add(offer.ToProto());
        return proto;
    }

    public static Lease ToDomain(this Proto.Lease? lease) => lease is null ? throw new FormatException("A lease is missing.") : new()
    {
        Owner = lease.Owner.ToNodeId(),
        NodeName = lease.NodeName,
        Subnets = lease.Subnets.ToDomain(),
        Generation = lease.Generation,
        Public = lease.Public.ToDomain(),
        UnderlayMtu = lease.UnderlayMtu.ToMtu(),
        Offers = lease.Offers.ToDomain(),
    };

    public static uint ToProto(this int? mtu) => mtu is > 0 and <= ushort.MaxValue ? (uint)mtu : 0;

    /// <summary>Null where it is not said, or is more than an IP packet can have: a lease is not refused for it, and nothing is lowered by it.</summary>
    public static int? ToMtu(this uint octets) => octets is > 0 and <= ushort.MaxValue ? (int)octets : null;

    public static Proto.HeldLease? ToProto(this HeldLease? held) =>
        held is null ? null : new Proto.HeldLease { Subnets = held.Subnets.ToProto(), Generation = held.Generation };

    public static HeldLease? ToDomain(this Proto.HeldLease? held) => held is null ? null : new HeldLease(held.Subnets.ToDomain(), held.Generation);

    public static Proto.Network ToProto(this NetworkVersion network) =>
        new() { Version = network.Version, NetConf = NetConf.ToFlannelJson(network.Config) };

    public static NetworkVersion ToDomain(this Proto.Network? network) => network is null
        ? throw new FormatException("A network configuration is missing.")
        : new NetworkVersion(network.Version, NetConf.Parse(network.NetConf));

    public static Proto.LedgerEvent ToProto(this LeaseEvent happened) => happened switch
    {
        LeaseEvent.NetworkSet set => new Proto.LedgerEvent { NetworkSet = new NetworkVersion(set.Version, set.Config).ToProto(), NetworkNote = set.Note.ToProto() },
        LeaseEvent.Granted granted => new Proto.LedgerEvent { Granted = granted.Lease.ToProto() },
        LeaseEvent.Changed changed => new Proto.LedgerEvent { Changed = changed.Lease.ToProto() },
        LeaseEvent.Released released => new Proto.LedgerEvent
        {
            Released = new Proto.Release { Owner = released.Owner.ToProto(), Generation = released.Generation },
        },
        LeaseEvent.Expired expired => new Proto.LedgerEvent
        {
            Expired = new Proto.Release { Owner = expired.Owner.ToProto(), Generation = expired.Generation },
        },
        LeaseEvent.QuarantineOver over => new Proto.LedgerEvent { QuarantineOver = over.Subnet.ToProto() },
        LeaseEvent.Reserved reserved => new Proto.LedgerEvent
        {
            Reserved = new Proto.Reserve { Subnet = reserved.Subnet.ToProto(), Host = reserved.Host },
        },
        LeaseEvent.Unreserved unreserved => new Proto.LedgerEvent { Unreserved = unreserved.Subnet.ToProto() },
        _ => throw new ArgumentException($"An event of {happened.GetType().Name} has no place in the journal.", nameof(happened)),
    };

    /// <exception cref="FormatException">The event is one that only a newer release understands: passing over it would forget a lease.</exception>
    public static LeaseEvent ToDomain(this Proto.LedgerEvent? happened) => happened?.KindCase switch
    {
        Proto.LedgerEvent.KindOneofCase.NetworkSet => NetworkSetFrom(happened!.NetworkSet.ToDomain(), happened.NetworkNote.ToDomain()),
        Proto.LedgerEvent.KindOneofCase.Granted => new LeaseEvent.Granted(happened!.Granted.ToDomain()),
        Proto.LedgerEvent.KindOneofCase.Changed => new LeaseEvent.Changed(happened!.Changed.ToDomain()),
        Proto.LedgerEvent.KindOneofCase.Released => new LeaseEvent.Released(happened!.Released.Owner.ToNodeId(), happened.Released.Generation),
        Proto.LedgerEvent.KindOneofCase.Expired => new LeaseEvent.Expired(happened!.Expired.Owner.ToNodeId(), happened.Expired.Generation),
        Proto.LedgerEvent.KindOneofCase.QuarantineOver => new LeaseEvent.QuarantineOver(happened!.QuarantineOver.ToSubnet()),
        Proto.LedgerEvent.KindOneofCase.Reserved => new LeaseEvent.Reserved(happened!.Reserved.Subnet.ToSubnet(), happened.Reserved.Host),
        Proto.LedgerEvent.KindOneofCase.Unreserved => new LeaseEvent.Unreserved(happened!.Unreserved.ToSubnet()),
        _ => throw new FormatException("The ledger has an event that this release does not know: it was written by a newer one."),
    };

    private static IPAddress? ToAddress(this ByteString bytes, AddressFamily family) => (bytes.Length, family) switch
    {
        (0, _) => null,
        (4, AddressFamily.InterNetwork) or (16, AddressFamily.InterNetworkV6) => new IPAddress(bytes.Span),
        _ => throw new FormatException($"An {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address cannot have {bytes.Length} octets."),
    };

    private static LeaseEvent.NetworkSet NetworkSetFrom(NetworkVersion network, NetworkNote? note) => new(network.Version, network.Config) { Note = note };

    private static MacAddress MacFrom(ByteString bytes) =>
        bytes.Length == MacAddress.Length ? MacAddress.FromBytes(bytes.Span) : throw new FormatException($"A MAC address has 6 octets, not {bytes.Length}.");

    private static WireGuardOffer WireGuardFrom(Proto.Offer.Types.WireGuard offer) =>
        KeyFrom(offer.PublicKey) is { } key && offer.Port <= ushort.MaxValue && offer.PortV6 <= ushort.MaxValue
            ? new WireGuardOffer(key, (ushort)offer.Port, (ushort)offer.PortV6)
            : throw new FormatException("An offer of wireguard needs a public key and UDP ports.");

    private static PublicKey? KeyFrom(ByteString bytes) => bytes.IsEmpty ? null
        : bytes.Length == PublicKey.Length ? PublicKey.FromBytes(bytes.Span) : throw new FormatException($"A public key has {PublicKey.Length} octets, not {bytes.Length}.");

    /// <summary>24 bits (RFC 7348, section 5).</summary>
    private static uint VniFrom(uint vni) => vni <= 0xFFFFFF ? vni : throw new FormatException($"{vni} is not a VNI.");
}
