namespace AkkaOverlay.Kernel.Firewall;

/// <summary>Where a packet's way ends.</summary>
/// <param name="Certain">False where something decides that is not known here: the flow's state, a set, its protocol.</param>
/// <param name="Chain">Where it is dropped.</param>
/// <param name="Handle">The rule's; null for the chain's policy.</param>
public sealed record FirewallDrop(bool Certain, NftChain Chain, long? Handle)
{
    /// <summary>The packet comes to the policy by the end of the chain, and not by a rule that returns.</summary>
    public bool AtEnd { get; init; }

    public bool IsSamePlaceAs(FirewallDrop? other) => other is not null && other.Handle == Handle && other.Chain.ToString() == Chain.ToString();

    /// <summary>The command that lets these packets past it and leaves it as it is: it may protect more than them.</summary>
    /// <param name="flow">At least the packet that is dropped.</param>
    public string Mend(FlowMatch flow)
    {
        if (!Chain.IsOfIptables)
        {
            string place = Handle is { } handle ? $"insert rule {Chain} handle {handle}" : $"{(AtEnd ? "add" : "insert")} rule {Chain}";
            return $"nft {place} {flow.Nft} accept";
        }
        string tool = $"{(Chain.Family == "ip6" ? "ip6tables" : "iptables")}{(Chain.Table == "filter" ? "" : $" -t {Chain.Table}")}";
        string where = Handle is null ? $"-{(AtEnd ? "A" : "I")} {Chain.Name}" : $"-I {Chain.Name} {Number}";
        return $"{tool} {where} {flow.Iptables} -j ACCEPT";
    }

    public override string ToString() => Handle is { } handle ? $"rule {handle} of chain {Chain} drops it" : $"the policy of chain {Chain} drops it";

    /// <summary>iptables counts a chain's rules from 1.</summary>
    private int Number => 1 + Chain.Rules.TakeWhile(rule => rule.Handle != Handle).Count();
}
