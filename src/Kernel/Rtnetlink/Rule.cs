using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// A policy routing rule that leads to a table (<c>RTM_GETRULE</c>, linux/fib_rules.h; ip-rule(8)). Two rules are equal when the kernel would treat a
/// packet alike: a mark without a mask is a mark with all bits in its mask.
/// </summary>
/// <param name="Family">IPv4 and IPv6 have lists of their own.</param>
/// <param name="Priority">FRA_PRIORITY: the lowest is asked first.</param>
/// <param name="Table">FRA_TABLE: 254 is main, 255 local, 253 default.</param>
public sealed record Rule(AddressFamily Family, uint Priority, uint Table)
{
    /// <summary>FRA_SRC without host bits; null for any, which is what the kernel makes of a length of 0.</summary>
    public IpPrefix? Source { get; init; }

    /// <summary>FRA_DST without host bits; null for any.</summary>
    public IpPrefix? Destination { get; init; }

    /// <summary>
    /// FRA_IIFNAME: the device by which a packet came in, at most 15 octets; "lo" for the host's own packets; null for any. A name, not an index: the rule may
    /// be there before the device, and stays when it goes.
    /// </summary>
    public string? IncomingInterface { get; init; }

    /// <summary>FRA_FWMARK: the mark of the packet or of its socket (SO_MARK); null or 0 for any, unless there is a mask.</summary>
    public uint? FwMark { get; init; }

    /// <summary>FRA_FWMASK: the bits of the mark that count.</summary>
    public uint? FwMask { get; init; }

    /// <summary>FRA_SUPPRESS_PREFIXLEN: routes of this prefix length or less do not count, and the next rule is asked; null for none.</summary>
    public uint? SuppressPrefixLength { get; init; }

    /// <summary>FRA_PROTOCOL: who made it; 2 kernel, 3 boot, 4 static, as of routes.</summary>
    public byte Protocol { get; init; }

    /// <summary>FR_ACT_*: to a table, or the end of the packet. One that does not lead to a table is <see cref="Partial"/>.</summary>
    public RuleAction Action { get; init; } = RuleAction.ToTable;

    /// <summary>True where the rule has selectors, flags or an action that are not shown here: never one of ours.</summary>
    public bool Partial { get; init; }

    /// <summary>True where it has selectors or flags that are not shown here (ports, users, TOS, "not" …): which packets fit it cannot be told. Such a rule is <see cref="Partial"/> too.</summary>
    public bool IsNarrowed { get; init; }

    private (AddressFamily, uint, uint, byte) Place => (Family, Priority, Table, Protocol);

    private (IpPrefix?, IpPrefix?, string?, uint, uint, uint?, bool) Manner =>
        (Source, Destination, IncomingInterface, FwMark ?? 0, FwMask ?? (FwMark is null or 0 ? 0 : uint.MaxValue), SuppressPrefixLength, Partial);

    public bool Equals(Rule? other) => other is not null && Place.Equals(other.Place) && Manner.Equals(other.Manner);

    public override int GetHashCode() => HashCode.Combine(Place, Manner);
}

/// <summary>FR_ACT_* (linux/fib_rules.h).</summary>
public enum RuleAction : byte
{
    None = 0,
    ToTable = 1,
    Goto = 2,
    Nop = 3,
    Blackhole = 6,
    Unreachable = 7,
    Prohibit = 8,
}
