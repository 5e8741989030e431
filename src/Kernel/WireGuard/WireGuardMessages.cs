using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.WireGuard.WireGuardConstants;

namespace AkkaOverlay.Kernel.WireGuard;

/// <summary>WG_CMD_SET_DEVICE and WG_CMD_GET_DEVICE (linux/wireguard.h), and the question for the family's number (linux/genetlink.h).</summary>
internal static class WireGuardMessages
{
    public static void GetFamily(MessageWriter writer)
    {
        writer.Header(new GenlMsgHdr { cmd = CTRL_CMD_GETFAMILY, version = 1 });
        writer.Text(CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
    }

    public static FamilyId? DecodeFamily(in NetlinkMessage message)
    {
        foreach (var attribute in message.Attributes<GenlMsgHdr>())
        {
            if (attribute.Type == CTRL_ATTR_FAMILY_ID)
                return new FamilyId(attribute.U16);
        }
        return null;
    }

    public static void GetDevice(MessageWriter writer, string device)
    {
        writer.Header(new GenlMsgHdr { cmd = WG_CMD_GET_DEVICE, version = WG_GENL_VERSION });
        writer.Text(WGDEVICE_A_IFNAME, device);
    }

    public static void Encode(MessageWriter writer, ushort family, WireGuardChange change, uint sequence)
    {
        writer.Begin(family, NLM_F_REQUEST | NLM_F_ACK, sequence);
        writer.Header(new GenlMsgHdr { cmd = WG_CMD_SET_DEVICE, version = WG_GENL_VERSION });
        writer.Text(WGDEVICE_A_IFNAME, change.Device);
        switch (change)
        {
            case WireGuardChange.SetDevice set:
                byte[] secret = set.Key.Export();
                writer.Bytes(WGDEVICE_A_PRIVATE_KEY, secret);
                CryptographicOperations.ZeroMemory(secret);
                writer.U16(WGDEVICE_A_LISTEN_PORT, set.Port);
                break;
            case WireGuardChange.PutPeer put:
                EncodePeer(writer, put);
                break;
            case WireGuardChange.RemovePeer remove:
                int peers = writer.BeginNested(WGDEVICE_A_PEERS), peer = writer.BeginNested(0);
                writer.Bytes(WGPEER_A_PUBLIC_KEY, remove.Key.ToBytes());
                writer.U32(WGPEER_A_FLAGS, WGPEER_F_REMOVE_ME);
                writer.EndNested(peer);
                writer.EndNested(peers);
                break;
        }
        writer.End();
    }

    /// <summary>One message of a dump: a device with many peers comes in several, and a peer with many subnets in several pieces.</summary>
    public static WireGuardDevice Decode(in NetlinkMessage message)
    {
        PublicKey? key = null;
        ushort port = 0;
        var peers = ImmutableArray.CreateBuilder<WireGuardPeer>();
        foreach (var attribute in message.Attributes<GenlMsgHdr>())
        {
            switch (attribute.Type)
            {
                case WGDEVICE_A_PUBLIC_KEY: key = KeyOf(attribute.Value); break;
                case WGDEVICE_A_LISTEN_PORT: port = attribute.U16; break;
                case WGDEVICE_A_PEERS:
                    foreach (var peer in attribute.Nested)
                        peers.Add(DecodePeer(peer.Nested));
                    break;
            }
        }
        return new WireGuardDevice(key, port, peers.ToImmutable());
    }

    /// <summary>The pieces of a dump as one device.</summary>
    public static WireGuardDevice Join(IReadOnlyList<WireGuardDevice> pieces)
    {
        var peers = pieces.SelectMany(piece => piece.Peers).GroupBy(peer => peer.Key)
            .Select(parts => parts.First() with { AllowedIps = [.. parts.SelectMany(part => part.AllowedIps)] });
        return pieces[0] with { Peers = [.. peers] };
    }

    public static string Describe(WireGuardChange change) => change switch
    {
        WireGuardChange.SetDevice set => $"set {set.Device} listen-port {set.Port}",
        WireGuardChange.PutPeer put => $"set {put.Device} peer {put.Peer.Key}",
        WireGuardChange.RemovePeer remove => $"remove {remove.Device} peer {remove.Key}",
        _ => change.GetType().Name,
    };

    private static void EncodePeer(MessageWriter writer, WireGuardChange.PutPeer put)
    {
        int peers = writer.BeginNested(WGDEVICE_A_PEERS), peer = writer.BeginNested(0);
        writer.Bytes(WGPEER_A_PUBLIC_KEY, put.Peer.Key.ToBytes());
        // 32 zeroes are none.
        byte[] secret = put.Peer.Psk?.ToBytes() ?? new byte[PresharedKey.Length];
        writer.Bytes(WGPEER_A_PRESHARED_KEY, secret);
        CryptographicOperations.ZeroMemory(secret);
        if (put.ReplaceAllowedIps)
            writer.U32(WGPEER_A_FLAGS, WGPEER_F_REPLACE_ALLOWEDIPS);
        if (put.Peer.EndPoint is { } endPoint)
            writer.Bytes(WGPEER_A_ENDPOINT, SocketAddressOf(endPoint));
        writer.U16(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, put.Peer.Keepalive);
        if (!put.Peer.AllowedIps.IsEmpty)
        {
            int allowed = writer.BeginNested(WGPEER_A_ALLOWEDIPS);
            foreach (var prefix in put.Peer.AllowedIps)
            {
                int one = writer.BeginNested(0);
                writer.U16(WGALLOWEDIP_A_FAMILY, prefix.IsIPv4 ? AF_INET : AF_INET6);
                writer.Address(WGALLOWEDIP_A_IPADDR, prefix.Network.Address);
                writer.U8(WGALLOWEDIP_A_CIDR_MASK, (byte)prefix.Length);
                writer.EndNested(one);
            }
            writer.EndNested(allowed);
        }
        writer.EndNested(peer);
        writer.EndNested(peers);
    }

    private static WireGuardPeer DecodePeer(AttributeReader attributes)
    {
        PublicKey key = default;
        PresharedKey? psk = null;
        IPEndPoint? endPoint = null;
        ushort keepalive = 0;
        ulong received = 0, sent = 0;
        var allowed = ImmutableArray.CreateBuilder<IpPrefix>();
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case WGPEER_A_PUBLIC_KEY: key = KeyOf(attribute.Value); break;
                case WGPEER_A_PRESHARED_KEY: psk = PresharedKey.FromKernel(attribute.Value); break;
                case WGPEER_A_ENDPOINT: endPoint = EndPointOf(attribute.Value); break;
                case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL: keepalive = attribute.U16; break;
                case WGPEER_A_RX_BYTES: received = BinaryPrimitives.ReverseEndianness(attribute.U64BigEndian); break;
                case WGPEER_A_TX_BYTES: sent = BinaryPrimitives.ReverseEndianness(attribute.U64BigEndian); break;
                case WGPEER_A_ALLOWEDIPS:
                    foreach (var prefix in attribute.Nested)
                        allowed.Add(DecodePrefix(prefix.Nested));
                    break;
            }
        }
        return new WireGuardPeer(key) { EndPoint = endPoint, Psk = psk, Keepalive = keepalive, AllowedIps = allowed.ToImmutable(), ReceivedOctets = received, SentOctets = sent };
    }

    private static IpPrefix DecodePrefix(AttributeReader attributes)
    {
        IPAddress? address = null;
        int length = 0;
        foreach (var attribute in attributes)
        {
            if (attribute.Type == WGALLOWEDIP_A_IPADDR)
                address = attribute.Address;
            else if (attribute.Type == WGALLOWEDIP_A_CIDR_MASK)
                length = attribute.U8;
        }
        return address is not null && length <= AddressMath.BitLength(address)
            ? new IpPrefix(address, length)
            : throw new NetlinkParseException($"A peer's subnet of {length} bits is none.");
    }

    private static PublicKey KeyOf(ReadOnlySpan<byte> octets) => octets.Length == PublicKey.Length
        ? PublicKey.FromBytes(octets)
        : throw new NetlinkParseException($"A key of {octets.Length} octets is none.");

    /// <summary>struct sockaddr_in or sockaddr_in6: the family in host order, port and address in network order.</summary>
    private static byte[] SocketAddressOf(IPEndPoint endPoint)
    {
        bool ipv4 = endPoint.AddressFamily == AddressFamily.InterNetwork;
        byte[] octets = new byte[ipv4 ? 16 : 28];
        BitConverter.TryWriteBytes(octets, ipv4 ? AF_INET : AF_INET6);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(2), (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(octets.AsSpan(ipv4 ? 4 : 8), out _);
        return octets;
    }

    private static IPEndPoint? EndPointOf(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 16)
            throw new NetlinkParseException($"An end point of {octets.Length} octets is none.");
        int port = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        return BitConverter.ToUInt16(octets) switch
        {
            AF_INET => new IPEndPoint(new IPAddress(octets.Slice(4, 4)), port),
            AF_INET6 when octets.Length >= 24 => new IPEndPoint(new IPAddress(octets.Slice(8, 16)), port),
            _ => null,
        };
    }
}

/// <summary>Of a generic netlink family: the kernel gives it out when the module is loaded.</summary>
internal sealed record FamilyId(ushort Value);
