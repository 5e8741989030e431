using System.Net;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>The first packet of a flow, as far as a packet filter is asked about it here.</summary>
/// <param name="Input">Name of the device that it came in by; null for one of this host's own.</param>
/// <param name="Output">Name of the device that it leaves by; null for one to this host.</param>
/// <param name="Protocol">"udp" …; null where any is meant.</param>
/// <param name="Port">Destination port; null where any is meant.</param>
public sealed record PacketView(string? Input, string? Output, IPAddress Source, IPAddress Destination, string? Protocol = null, int? Port = null);

/// <param name="Certain">False where something decides that is not known here: the flow's state, a set, its protocol.</param>
/// <param name="Chain">Where it is dropped.</param>
/// <param name="Handle">The rule's, for <c>nft delete rule</c>; null for the chain's policy.</param>
public sealed record FirewallDrop(bool Certain, NftChain Chain, long? Handle)
{
    /// <summary>What takes the drop away.</summary>
    public string Mend => Handle is { } handle
        ? $"nft delete rule {Chain} handle {handle}"
        : $"nft chain {Chain} '{{ policy accept; }}'";

    public override string ToString() => Handle is { } handle ? $"rule {handle} of chain {Chain} drops it" : $"the policy of chain {Chain} drops it";
}
