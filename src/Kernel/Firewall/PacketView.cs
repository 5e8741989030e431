using System.Net;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>The first packet of a flow, as far as a packet filter is asked about it here.</summary>
/// <param name="Input">Name of the device that it came in by; null for one of this host's own.</param>
/// <param name="Output">Name of the device that it leaves by; null for one to this host.</param>
/// <param name="Protocol">"udp" …; null where any is meant.</param>
/// <param name="Port">Destination port; null where any is meant.</param>
public sealed record PacketView(string? Input, string? Output, IPAddress Source, IPAddress Destination, string? Protocol = null, int? Port = null);
