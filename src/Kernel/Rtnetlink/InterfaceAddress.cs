using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// An address of a device (<c>RTM_GETADDR</c>, linux/if_addr.h). Equality leaves out what the kernel decides by itself, so that an
/// address that was put equals the one that is dumped: the flags of <see cref="KernelFlags"/>, the scope of an IPv6 address, which
/// follows from the address, and NoDad of an IPv4 address, which IPv4 forgets.
/// </summary>
/// <param name="Interface">ifa_index.</param>
/// <param name="Prefix">IFA_LOCAL (or IFA_ADDRESS) with ifa_prefixlen; host bits kept.</param>
public sealed record InterfaceAddress(int Interface, IpPrefix Prefix)
{
    public RouteScope Scope { get; init; }

    /// <summary>IFA_FLAGS.</summary>
    public AddressFlags Flags { get; init; }

    public IPAddress Address => Prefix.Address;

    /// <summary>Set and cleared by the kernel: duplicate address detection, lifetimes, and "secondary" (0x01, the IPv4 sense of Temporary).</summary>
    public const AddressFlags KernelFlags = AddressFlags.Temporary | AddressFlags.DadFailed | AddressFlags.Deprecated
        | AddressFlags.Tentative | AddressFlags.Permanent;

    private (int, IpPrefix, RouteScope, AddressFlags) Identity => Prefix.IsIPv4
        ? (Interface, Prefix, Scope, AddressFlags.None)
        : (Interface, Prefix, RouteScope.Universe, Flags & ~KernelFlags);

    public bool Equals(InterfaceAddress? other) => other is not null && Identity.Equals(other.Identity);

    public override int GetHashCode() => Identity.GetHashCode();
}

/// <summary>IFA_F_* (linux/if_addr.h); only those that somebody here asks for are named.</summary>
[Flags]
public enum AddressFlags : uint
{
    None = 0,
    Temporary = 0x01,
    NoDad = 0x02,
    DadFailed = 0x08,
    Deprecated = 0x20,
    Tentative = 0x40,
    Permanent = 0x80,
}
