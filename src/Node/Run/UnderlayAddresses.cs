using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Run;

/// <summary>Which of a device's addresses the tunnels use: the order of flannel's pkg/ipmatch and pkg/ip.</summary>
internal static class UnderlayAddresses
{
    private static readonly IpPrefix LinkLocalIPv4 = IpPrefix.Parse("169.254.0.0/16");

    /// <summary>Global before link-local, permanent before dynamic, lasting before temporary; of equals the kernel's first.</summary>
    /// <returns>Null where none can be used.</returns>
    public static IPAddress? Best(IEnumerable<InterfaceAddress> held, AddressFamily family, bool linkLocalIPv6) => Ranked(held)
        .FirstOrDefault(address => address.Prefix.Family == family && (linkLocalIPv6 || family != AddressFamily.InterNetworkV6 || !IsLinkLocal(address)))
        ?.Address;

    /// <summary>Those that can be used, the best first.</summary>
    public static IEnumerable<InterfaceAddress> Ranked(IEnumerable<InterfaceAddress> held) => held
        .Where(address => address.Scope < RouteScope.Host && !address.Flags.HasFlag(AddressFlags.Deprecated) && Bindable(address))
        .OrderBy(IsLinkLocal)
        .ThenBy(address => !address.Flags.HasFlag(AddressFlags.Permanent))
        // Of IPv4 the same bit says "secondary" (IFA_F_SECONDARY): behind the primary as well.
        .ThenBy(address => address.Flags.HasFlag(AddressFlags.Temporary));

    /// <summary>An IPv6 address belongs to the host once nobody else on the link has claimed it (RFC 4862, 5.4).</summary>
    public static bool Bindable(InterfaceAddress held) => held.Prefix.IsIPv4 || (held.Flags & (AddressFlags.Tentative | AddressFlags.DadFailed)) == 0;

    /// <summary>The address, and why it is not taken unasked.</summary>
    public static string Describe(InterfaceAddress held)
    {
        string[] flaws = [.. new[] { AddressFlags.Deprecated, AddressFlags.Tentative, AddressFlags.DadFailed }
            .Where(flaw => held.Flags.HasFlag(flaw)).Select(flaw => flaw.ToString().ToLowerInvariant())];
        return flaws.Length == 0 ? held.Address.ToString() : $"{held.Address} {string.Join(' ', flaws)}";
    }

    private static bool IsLinkLocal(InterfaceAddress held) =>
        held.Scope == RouteScope.Link || held.Address.IsIPv6LinkLocal || LinkLocalIPv4.Contains(held.Address);
}
