using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Kernel.Netfilter;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>Programs that refuse, for a time or in one kind: somebody else holds the lock, the kernel lacks a module.</summary>
public sealed class IptablesEngineSpecs
{
    private const string Ours = """
        *filter
        :FORWARD ACCEPT [0:0]
        :FLANNEL-FWD - [0:0]
        -A FORWARD -m comment --comment "akka-overlay forward" -j FLANNEL-FWD
        -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "akka-overlay forward" -j ACCEPT
        COMMIT

        """;

    private readonly FakeTools tools = new();
    private readonly HashSet<string> refusing = [];

    public IptablesEngineSpecs()
    {
        Install("iptables", "iptables v1.8.9 (nf_tables)");
        Install("iptables-legacy", "iptables v1.8.9 (legacy)");
    }

    [Fact]
    public void What_could_not_be_taken_away_once_is_tried_again_until_it_is_gone()
    {
        refusing.Add("iptables");
        var engine = new IptablesEngine(tools);
        var unwanted = WantedFirewall.Nothing(FirewallNames.Default);
        Assert.Equal("iptables-restore refused our rules: the lock is held", engine.Reconcile(unwanted, look: false).Error);
        Assert.Contains("iptables-restore", Changes());
        tools.Runs.Clear();
        Assert.NotNull(engine.Reconcile(unwanted, look: false).Error);
        Assert.Contains("iptables-restore", Changes());
        refusing.Clear();
        var outcome = engine.Reconcile(unwanted, look: false);
        Assert.Equal((2, null), (outcome.Written, outcome.Error));
        tools.Runs.Clear();
        Assert.Equal(0, engine.Reconcile(unwanted, look: false).Written);
        Assert.Empty(tools.Runs);
    }

    [Fact]
    public void Cleanup_takes_what_it_can_and_says_what_it_cannot()
    {
        refusing.Add("iptables");
        var outcome = new FirewallCleanup(tools).Run(FirewallNames.Default);
        Assert.Equal(["iptables-legacy filter FLANNEL-FWD"], outcome.Removed.Select(item => item.Name));
        Assert.Equal("iptables-restore refused our rules: the lock is held", Assert.Single(outcome.Errors));
    }

    private IEnumerable<string> Changes() => tools.Runs.Where(run => run.Input.Length > 0).Select(run => run.Program);

    /// <summary>Holds our chain until it is told to take it away.</summary>
    private void Install(string prefix, string version)
    {
        string holds = Ours;
        tools.Programs[$"{prefix}-save"] = (_, _) => FakeTools.Done(holds);
        tools.Programs[$"{prefix}-restore"] = (arguments, input) =>
        {
            if (arguments.Contains("--version"))
                return FakeTools.Done(version);
            if (refusing.Contains(prefix))
                return FakeTools.Refused("the lock is held");
            holds = "";
            Assert.Contains("-X FLANNEL-FWD", input, StringComparison.Ordinal);
            return FakeTools.Done();
        };
    }
}
