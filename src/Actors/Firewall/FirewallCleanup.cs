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
        Try(errors, () =>
        {
            if (tools.Has(NftablesEngine.Nft) && new NftablesEngine(tools).Remove(names.Table))
                removed.Add(new RemovedObject("firewall", $"nftables inet {names.Table}"));
        });
        Try(errors, () =>
        {
            var outcome = new IptablesEngine(tools).Remove(names);
            removed.AddRange(outcome.Removed.Select(name => new RemovedObject("firewall", name)));
            errors.AddRange(outcome.Errors);
        });
        return new CleanupOutcome(removed.ToImmutable(), errors.ToImmutable());
    }

    private static void Try(ImmutableArray<string>.Builder errors, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is ToolException or FormatException)
        {
            errors.Add(e.Message);
        }
    }
}
