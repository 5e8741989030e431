using System.Text;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.Leases;

/// <summary>A back end by which a host can be reached, with what the others need to know for it. A lease carries as many as the host can serve.</summary>
/// <param name="BackEnd">The back end's name in net-conf.json: "vxlan", "host-gw" …</param>
public abstract record Offer(string BackEnd);

/// <summary>flannel's <c>BackendData</c> of vxlan.</summary>
/// <param name="VtepMac">Address of <c>flannel.&lt;VNI&gt;</c> on that host, and of <c>flannel-v6.&lt;VNI&gt;</c>: the devices share no forwarding table.</param>
public sealed record VxlanOffer(uint Vni, MacAddress VtepMac) : Offer(Name)
{
    public const string Name = "vxlan";

    /// <summary>What it sends from, where that is not its public address; none where it is.</summary>
    public HostAddresses Local { get; init; }
}

/// <summary>The host forwards for its subnet: it can be the gateway for those on the same link.</summary>
public sealed record HostGwOffer() : Offer(Name)
{
    public const string Name = "host-gw";
}

/// <summary>The host takes inner packets in UDP, at its public address and the network's port.</summary>
/// <param name="Key">Its static public key, where the network's packets are encrypted; null where they are not.</param>
public sealed record UdpOffer(PublicKey? Key = null) : Offer(Name)
{
    public const string Name = "udp";

    /// <summary>What it sends from, where that is not its public address; none where it is.</summary>
    public HostAddresses Local { get; init; }
}

/// <summary>The host takes IPv4 in IPv4 at its public address.</summary>
public sealed record IpipOffer() : Offer(Name)
{
    public const string Name = "ipip";

    /// <summary>What it sends from, where that is not its public address; none where it is.</summary>
    public HostAddresses Local { get; init; }
}

/// <summary>flannel's <c>BackendData</c> of wireguard: the host takes encrypted packets at its public address.</summary>
/// <param name="Key">Its static public key.</param>
/// <param name="Port">UDP, of its device; with Mode separate, of that for IPv4.</param>
/// <param name="PortV6">With Mode separate, of that for IPv6.</param>
public sealed record WireGuardOffer(PublicKey Key, ushort Port, ushort PortV6) : Offer(Name)
{
    public const string Name = "wireguard";
}

/// <summary>The host keeps the route to its subnet in its cloud.</summary>
/// <param name="BackEnd">"aws-vpc" or "gce".</param>
public sealed record CloudOffer(string BackEnd) : Offer(BackEnd);

/// <summary>The operator's own commands make the ways from and to the host.</summary>
/// <param name="Data">What its PreStartupCommand printed: text of another host, which reaches commands on their standard input and nowhere else.</param>
public sealed record ExtensionOffer(string Data) : Offer(Name)
{
    public const string Name = "extension";

    /// <summary>Octets of <see cref="Data"/> in UTF-8: every host keeps every other one's.</summary>
    public const int MaxData = 2048;

    public static bool Carries(string data) => Encoding.UTF8.GetByteCount(data) <= MaxData;
}

/// <summary>The host wants a subnet and makes its own way to the others.</summary>
public sealed record AllocOffer() : Offer(Name)
{
    public const string Name = "alloc";
}
