using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// The subnets of one address family that may be leased: all of one length, side by side, from <paramref name="First"/> to
/// <paramref name="Last"/>. A pool that <see cref="NetConf"/> has read satisfies what is said of each parameter; one made by hand must.
/// </summary>
/// <param name="Network">The overlay's whole network, without host bits.</param>
/// <param name="SubnetLength">Prefix length of each subnet: at least that of the network plus 2, at most 30 (IPv4) or 126 (IPv6).</param>
/// <param name="First">First address of the first subnet (<c>SubnetMin</c>).</param>
/// <param name="Last">First address of the last subnet (<c>SubnetMax</c>), which still belongs to the pool.</param>
public sealed record SubnetPool(IpPrefix Network, int SubnetLength, IPAddress First, IPAddress Last)
{
    /// <summary>How many subnets the pool has, at least 1.</summary>
    public UInt128 Count => ((Last.ToBits() - First.ToBits()) >> HostBits) + 1;

    /// <summary>Addresses in each subnet, those of network and broadcast included.</summary>
    public UInt128 AddressesPerSubnet => UInt128.One << HostBits;

    private int HostBits => First.BitLength() - SubnetLength;

    /// <summary>True for a subnet that the pool can lease: of its family and length, without host bits, from first to last.</summary>
    public bool Contains(IpPrefix subnet)
    {
        if (subnet.Family != Network.Family || subnet.Length != SubnetLength || !subnet.IsNetwork)
            return false;
        var bits = subnet.Address.ToBits();
        return bits >= First.ToBits() && bits <= Last.ToBits();
    }

    /// <param name="index">0 for the first subnet, up to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pool has no such subnet.</exception>
    public IpPrefix SubnetAt(UInt128 index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return new IpPrefix(First, SubnetLength).Next(index);
    }

    /// <summary>The place of a subnet in the pool, counted from 0.</summary>
    /// <exception cref="ArgumentException">The pool does not contain it.</exception>
    public UInt128 IndexOf(IpPrefix subnet)
    {
        if (!Contains(subnet))
            throw new ArgumentException($"{subnet} is not a subnet of {this}.", nameof(subnet));
        return (subnet.Address.ToBits() - First.ToBits()) >> HostBits;
    }

    /// <summary>Every subnet in ascending order, made as it is asked for: an IPv6 pool can have more than memory can hold.</summary>
    public IEnumerable<IpPrefix> Subnets()
    {
        var count = Count;
        for (var index = UInt128.Zero; index < count; index++)
            yield return SubnetAt(index);
    }
}
