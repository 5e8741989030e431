using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Host;

/// <summary>The device that carries the tunnels, and the host's addresses on it.</summary>
/// <param name="Mtu">Octets.</param>
/// <param name="Local">Addresses on the device: outer sources.</param>
/// <param name="Public">Addresses at which the others reach this host; equal to <paramref name="Local"/> unless there is NAT between.</param>
public sealed record Underlay(string Device, int Mtu, HostAddresses Local, HostAddresses Public)
{
    /// <summary>Networks of the device's own link: whoever has an address in them is reached without a gateway.</summary>
    public EquatableArray<IpPrefix> OnLink { get; init; }
}
