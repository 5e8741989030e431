using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Probes;

/// <summary>Where this host is inside the overlay. Pure.</summary>
internal static class ProbeAddresses
{
    /// <summary>
    /// One address for each IP version, of those that the kernel has in this host's own subnets: the tunnel device's, else the first one of the subnet (the containers'
    /// gateway, where the back end has no device), else the lowest.
    /// </summary>
    /// <returns>None, and why.</returns>
    public static (ImmutableArray<IPAddress> Addresses, string? Reason) Of(HostStatus status, IReadOnlyList<InterfaceAddress> kernel)
    {
        if (status.Lease is not { } lease)
            return ([], "it has no lease");
        // Its packets are told from another network's by the device on which they come in: those that the host itself sends come in by none.
        if (!status.Plan.Incoming.IsEmpty)
            return ([], "its network is kept apart (--bridge): the host itself has no address in it");
        ImmutableArray<IPAddress> found = [.. lease.Subnets.All.Select(subnet => Choose(subnet, status, kernel)).OfType<IPAddress>()];
        return found.IsEmpty ? (found, "it has no address inside the overlay (no tunnel device, and no bridge of containers yet)") : (found, null);
    }

    private static IPAddress? Choose(IpPrefix subnet, HostStatus status, IReadOnlyList<InterfaceAddress> kernel)
    {
        const AddressFlags NotUsable = AddressFlags.Tentative | AddressFlags.DadFailed;
        var there = kernel.Where(held => subnet.Contains(held.Address) && (subnet.Family != AddressFamily.InterNetworkV6 || (held.Flags & NotUsable) == 0))
            .Select(held => held.Address).ToHashSet();
        var tunnel = status.Plan.Addresses.Where(wanted => !wanted.None).Select(wanted => wanted.Prefix.Address).FirstOrDefault(there.Contains);
        var gateway = subnet.AddressAt(1);
        return tunnel ?? (there.Contains(gateway) ? gateway : there.OrderBy(address => address.ToBits()).FirstOrDefault());
    }
}
