using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Kernel.Netfilter;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>What the engine that is not wanted any more has left behind.</summary>
public sealed class LeftoverSpecs
{
    private const string Ours = """
        *filter
        :FLANNEL-FWD - [0:0]
        -A FORWARD -m comment --comment "akka-overlay forward" -j FLANNEL-FWD
        -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "akka-overlay forward" -j ACCEPT
        COMMIT
        """;

    private readonly FakeTools tools = new();
    private readonly FirewallReconciler reconciler;
    private string held = Ours;
    private string? saveFails;
    private string? restoreFails;

    public LeftoverSpecs()
    {
        reconciler = new FirewallReconciler(tools);
        tools.Programs["iptables-save"] = (_, _) => saveFails is null ? FakeTools.Done(held) : FakeTools.Refused(saveFails);
        tools.Programs["iptables-restore"] = (arguments, _) =>
        {
            if (arguments[0] == "--version")
                return FakeTools.Done("iptables-restore v1.8.9 (nf_tables)");
            if (restoreFails is not null)
                return FakeTools.Refused(restoreFails);
            held = "";
            return FakeTools.Done();
        };
    }

    private FirewallOutcome Reconcile() => reconciler.Reconcile(WantedFirewall.Nothing(FirewallNames.Default), mayRemove: true, look: true);

    [Fact]
    public void A_lock_that_is_held_is_told_and_waited_for()
    {
        restoreFails = "Another app is currently holding the xtables lock.";
        for (int i = 0; i < 2; i++)
        {
            var outcome = Reconcile();
            Assert.Equal("old rules of ours are left in iptables (iptables-restore refused our rules: Another app is currently holding the xtables lock.)", Assert.Single(outcome.Leftovers));
            Assert.True(outcome.InPlace);
            Assert.Contains("left in iptables", outcome.Detail, StringComparison.Ordinal);
        }
        restoreFails = null;
        Assert.Empty(Reconcile().Leftovers);
        Assert.Equal("", held);
        tools.Runs.Clear();
        Assert.Empty(Reconcile().Leftovers);
        Assert.Empty(tools.Runs);
    }

    [Fact]
    public void Rules_that_cannot_be_read_are_not_taken_for_none()
    {
        saveFails = "iptables-save v1.8.9 (legacy): Cannot open /proc/net/ip_tables_names: Permission denied";
        Assert.Contains("iptables-save: ", Assert.Single(Reconcile().Leftovers), StringComparison.Ordinal);
        saveFails = null;
        Assert.Empty(Reconcile().Leftovers);
        Assert.Equal("", held);
    }

    [Fact]
    public void A_kind_that_the_kernel_cannot_do_has_none_of_ours()
    {
        saveFails = "iptables/1.8.9 Failed to initialize nft: Protocol not supported";
        Assert.Empty(Reconcile().Leftovers);
    }

    [Fact]
    public void Cleanup_names_what_it_could_not_remove_and_removes_the_rest()
    {
        tools.Programs["ip6tables-restore"] = tools.Programs["iptables-restore"];
        tools.Programs["ip6tables-save"] = (_, _) => FakeTools.Done(held);
        saveFails = "iptables-save: no memory";
        var outcome = new FirewallCleanup(tools).Run(FirewallNames.Default);
        Assert.Equal("iptables-save: iptables-save: no memory", Assert.Single(outcome.Errors));
        Assert.Equal("ip6tables filter FLANNEL-FWD", Assert.Single(outcome.Removed).Name);
    }

    [Fact]
    public void The_table_of_nftables_is_one_too()
    {
        held = "";
        bool busy = true;
        tools.Programs["nft"] = (arguments, _) => busy && arguments[0] == "-f" ? FakeTools.Refused("Error: Could not process rule: Device or resource busy") : FakeTools.Done("""{"nftables": []}""");
        Assert.Equal("our old table is left in nftables (Could not process rule: Device or resource busy)", Assert.Single(Reconcile().Leftovers));
        busy = false;
        Assert.Empty(Reconcile().Leftovers);
    }
}
