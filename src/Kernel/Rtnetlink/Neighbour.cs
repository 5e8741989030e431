using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>An ARP or NDP entry (<c>RTM_GETNEIGH</c>, linux/neighbour.h). NTF_OFFLOADED, which only drivers set, is not shown.</summary>
public sealed record Neighbour(int Interface, IPAddress Address)
{
    /// <summary>NDA_LLADDR; null while it is being resolved.</summary>
    public MacAddress? LinkLayer { get; init; }

    public NeighbourState State { get; init; }

    public NeighbourFlags Flags { get; init; }

    /// <summary>NDA_PROTOCOL (Linux 5.1): who made it; 0 where nobody said.</summary>
    public byte Protocol { get; init; }
}

/// <summary>
/// An entry of a vxlan device's or a bridge's forwarding database (<c>RTM_GETNEIGH</c> with AF_BRIDGE; bridge(8) "fdb"). Equality leaves out
/// <see cref="NeighbourFlags.Self"/>, which every entry of the device itself has, asked for or not; an entry of the bridge above it has
/// <see cref="NeighbourFlags.Master"/> instead. State counts as it is: bridge(8)'s "permanent" is Permanent | NoArp, not Permanent.
/// </summary>
/// <param name="Interface">The vxlan device or the bridge port.</param>
/// <param name="Mac">The inner destination; all zeros is vxlan's default entry.</param>
public sealed record FdbEntry(int Interface, MacAddress Mac)
{
    /// <summary>NDA_DST: outer destination address of a vxlan entry.</summary>
    public IPAddress? Destination { get; init; }

    public NeighbourState State { get; init; }

    public NeighbourFlags Flags { get; init; }

    /// <summary>NDA_VNI where it differs from the device's.</summary>
    public uint? Vni { get; init; }

    /// <summary>NDA_PORT where it differs from the device's.</summary>
    public ushort? Port { get; init; }

    private (int, MacAddress, IPAddress?, NeighbourState, NeighbourFlags, uint?, ushort?) Identity =>
        (Interface, Mac, Destination, State, Flags & ~NeighbourFlags.Self, Vni, Port);

    public bool Equals(FdbEntry? other) => other is not null && Identity.Equals(other.Identity);

    public override int GetHashCode() => Identity.GetHashCode();
}

/// <summary>NUD_* (linux/neighbour.h).</summary>
[Flags]
public enum NeighbourState : ushort
{
    None = 0,
    Incomplete = 0x01,
    Reachable = 0x02,
    Stale = 0x04,
    Delay = 0x08,
    Probe = 0x10,
    Failed = 0x20,
    NoArp = 0x40,
    Permanent = 0x80,
}

/// <summary>NTF_* (linux/neighbour.h).</summary>
[Flags]
public enum NeighbourFlags : byte
{
    None = 0,
    Use = 0x01,
    Self = 0x02,
    Master = 0x04,
    Proxy = 0x08,
    ExternallyLearned = 0x10,
    Offloaded = 0x20,
    Sticky = 0x40,
    Router = 0x80,
}
