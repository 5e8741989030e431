using System.Buffers.Binary;
using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Who owns which inner addresses: what the loops decide by. Immutable; a new one takes the place of the old one by one reference (<see cref="ForwardingTables"/>).
/// </summary>
public sealed class ForwardingTable
{
    public static readonly ForwardingTable Empty = new([], [], [], 1500);

    private readonly LongestPrefixMap<uint, Owner> ipv4;
    private readonly LongestPrefixMap<UInt128, Owner> ipv6;
    private readonly Dictionary<UInt128, ForwardingPeer> senders = [];

    /// <param name="routes">Subnets of the peers.</param>
    /// <param name="mine">Subnets of this host: only packets to these are let in.</param>
    /// <param name="sources">Addresses of this host's tunnel device: what errors are sent from, one for each family.</param>
    /// <param name="mtu">Octets of the largest outer packet.</param>
    public ForwardingTable(IEnumerable<(IpPrefix Subnet, ForwardingPeer Peer)> routes, IEnumerable<IpPrefix> mine, IEnumerable<IPAddress> sources, int mtu)
    {
        var all = routes.Select(route => (route.Subnet, Owner: new Owner(route.Peer))).Concat(mine.Select(subnet => (Subnet: subnet, Owner: Owner.Mine))).ToList();
        ipv4 = new(all.Where(entry => entry.Subnet.IsIPv4).Select(entry => ((uint)entry.Subnet.Network.Address.ToBits(), entry.Subnet.Length, entry.Owner)));
        ipv6 = new(all.Where(entry => !entry.Subnet.IsIPv4).Select(entry => (entry.Subnet.Network.Address.ToBits(), entry.Subnet.Length, entry.Owner)));
        foreach (var peer in all.Select(entry => entry.Owner.Peer).OfType<ForwardingPeer>().Where(peer => peer.Keys is not null))
        {
            senders[OuterAddress.Of(peer.EndPoint.Address)] = peer;
            if (peer.OtherSource is { } other)
                senders.TryAdd(OuterAddress.Of(other), peer);
        }
        foreach (var source in sources)
        {
            if (source.BitLength() == 32)
                SourceIPv4 = source.GetAddressBytes();
            else
                SourceIPv6 = source.GetAddressBytes();
        }
        OuterMtu = mtu;
    }

    public int OuterMtu { get; }

    internal byte[]? SourceIPv4 { get; }

    internal byte[]? SourceIPv6 { get; }

    /// <param name="address">In the machine's byte order.</param>
    internal Owner? Find(uint address) => ipv4.TryFind(address, out var owner) ? owner : null;

    internal Owner? Find(UInt128 address) => ipv6.TryFind(address, out var owner) ? owner : null;

    /// <summary>A peer with keys that has this outer address; one of them, where several have.</summary>
    internal ForwardingPeer? FindSender(UInt128 address) => senders.GetValueOrDefault(address);

    /// <summary>Whom an address belongs to: a peer, or this host where there is none.</summary>
    internal sealed record Owner(ForwardingPeer? Peer)
    {
        public static readonly Owner Mine = new((ForwardingPeer?)null);
    }
}

/// <summary>The table in force. Written by one, read by every loop at the begin of each batch.</summary>
public sealed class ForwardingTables
{
    private volatile ForwardingTable current = ForwardingTable.Empty;

    public ForwardingTable Current
    {
        get => current;
        set => current = value;
    }
}
