using System.Collections.Immutable;
using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>Takes every packet filter rule of ours off a host, of whichever engine. Ours are our table of nftables, and chains of iptables with our comments.</summary>
public sealed class FirewallCleanup(IToolRunner tools)
{
    /// <summary>What there is no program for cannot be there.</summary>
    public CleanupOutcome Run(FirewallNames names)
    {
        var removed = ImmutableArray.CreateBuilder<RemovedObject>();
        var errors = ImmutableArray.CreateBuilder<string>();
        try
        {
            if (tools.Has(NftablesEngine.Nft) && new NftablesEngine(tools).Remove(names.Table))
                removed.Add(new RemovedObject("firewall", $"nftables inet {names.Table}"));
        }
        catch (ToolException e)
        {
            errors.Add(e.Message);
        }
        var (chains, failures) = new IptablesEngine(tools).Remove(names);
        removed.AddRange(chains.Select(name => new RemovedObject("firewall", name)));
        errors.AddRange(failures);
        return new CleanupOutcome(removed.ToImmutable(), errors.ToImmutable());
    }
}
