using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

public enum RuleChain
{
    PostRouting,

    /// <summary>Between overlay addresses: before what others would drop.</summary>
    ForwardInside,

    /// <summary>To and from overlay addresses, whatever the other one is: others' isolation decides first.</summary>
    Forward,
}

public enum RuleVerdict
{
    /// <summary>Leaves our chain.</summary>
    Return,
    Accept,
    Masquerade,
    MasqueradeFullyRandom,
}

/// <summary>One side of a packet's addresses.</summary>
public readonly record struct AddressMatch(IpPrefix Prefix, bool Not = false)
{
    public override string ToString() => $"{(Not ? "!" : "")}{Prefix}";
}

/// <summary>One rule as both engines can say it.</summary>
/// <param name="IPv4">The family that it is about; null is both.</param>
/// <param name="Marked">Only packets with <see cref="MasqueradeMark"/>.</param>
public sealed record PacketRule(RuleChain Chain, bool? IPv4, AddressMatch? Source, AddressMatch? Destination, RuleVerdict Verdict, bool Marked = false)
{
    /// <summary>Bit that Kubernetes gives packets that it masquerades itself; flannel leaves them alone, and so do we.</summary>
    public const uint MasqueradeMark = 0x4000;
}
