using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>Where in a built-in chain a jump of ours belongs.</summary>
public enum IptablesPlace
{
    First,

    /// <summary>Before Docker's own chains, which drop what goes to a container from elsewhere, and before a drop of everything; behind DOCKER-USER and what else an administrator says.</summary>
    BeforeDocker,

    /// <summary>Before a drop of everything: whatever isolates somebody's containers decides first.</summary>
    BeforeBlanketDrop,
}

/// <summary>
/// One of our chains in a table of iptables, with the jump that leads there. Rules are written as iptables-save prints them, so that they are compared as text.
/// </summary>
/// <param name="Place">Of the jump.</param>
/// <param name="Rules">In order; null where the chain shall not be.</param>
public sealed record IptablesChain(string Table, string BuiltIn, string Name, string Purpose, IptablesPlace Place, ImmutableArray<string>? Rules)
{
    public string Jump => $"-m comment --comment \"akka-overlay {Purpose}\" -j {Name}";

    /// <summary>By the comment we know that a chain of flannel's name is not flannel's.</summary>
    private string Sign => $"--comment \"akka-overlay {Purpose}\"";

    /// <summary>The chains that one family shall have.</summary>
    /// <param name="canRandom">False where iptables is older than 1.6.2 and has no --random-fully.</param>
    public static ImmutableArray<IptablesChain> Of(WantedFirewall wanted, bool ipv4, bool canRandom)
    {
        bool any = wanted.Engine == FirewallEngine.Iptables && wanted.Has(ipv4);
        ImmutableArray<string>? Rules(RuleChain chain, string purpose)
        {
            var rules = wanted.Rules.Items.Where(rule => rule.Chain == chain && (rule.IPv4 ?? ipv4) == ipv4).Select(rule => Text(rule, purpose, canRandom)).ToImmutableArray();
            return any && rules.Length > 0 ? rules : null;
        }

        return
        [
            new("filter", "FORWARD", wanted.Names.Inside, "inside", IptablesPlace.BeforeDocker, Rules(RuleChain.ForwardInside, "inside")),
            new("filter", "FORWARD", wanted.Names.Forward, "forward", IptablesPlace.BeforeBlanketDrop, Rules(RuleChain.Forward, "forward")),
            new("nat", "POSTROUTING", wanted.Names.PostRouting, "masq", IptablesPlace.First, Rules(RuleChain.PostRouting, "masq")),
        ];
    }

    /// <returns>True where the dump shows it as wanted.</returns>
    public bool IsIn(IptablesDump dump)
    {
        var there = dump.Rules(Table, Name);
        var builtIn = dump.Rules(Table, BuiltIn) ?? [];
        if (Rules is not { } rules)
            return !IsOurs(dump);
        int at = builtIn.IndexOf(Jump);
        return there is not null && there.SequenceEqual(rules) && at >= 0 && builtIn.Count(IsJump) == 1 && !builtIn.Take(at).Any(HidesUs) && !Overrules(builtIn.Skip(at + 1));
    }

    /// <summary>Lines for iptables-restore --noflush that make it so, all at once for each table.</summary>
    public static string Script(IEnumerable<IptablesChain> chains, IptablesDump dump)
    {
        var text = new StringBuilder();
        // Where a jump goes depends on where those of before have gone.
        var builtIns = new Dictionary<(string Table, string BuiltIn), List<string>>();
        foreach (var chain in chains)
        {
            if (!builtIns.TryGetValue((chain.Table, chain.BuiltIn), out var builtIn))
                builtIns[(chain.Table, chain.BuiltIn)] = builtIn = [.. dump.Rules(chain.Table, chain.BuiltIn) ?? []];
            chain.Write(text, builtIn, isThere: dump.Rules(chain.Table, chain.Name) is not null);
        }
        return text.ToString();
    }

    private void Write(StringBuilder text, List<string> builtIn, bool isThere)
    {
        text.Append('*').Append(Table).Append('\n');
        if (Rules is not null)
            text.Append(':').Append(Name).Append(" - [0:0]\n");
        foreach (string jump in builtIn.Where(IsJump))
            text.Append("-D ").Append(BuiltIn).Append(' ').Append(jump).Append('\n');
        builtIn.RemoveAll(IsJump);
        if (Rules is { } rules)
        {
            int place = PlaceIn(builtIn);
            text.Append(CultureInfo.InvariantCulture, $"-I {BuiltIn} {place + 1} {Jump}\n");
            builtIn.Insert(place, Jump);
            foreach (string rule in rules)
                text.Append("-A ").Append(Name).Append(' ').Append(rule).Append('\n');
        }
        else if (isThere)
        {
            text.Append("-F ").Append(Name).Append("\n-X ").Append(Name).Append('\n');
        }
        text.Append("COMMIT\n");
    }

    /// <summary>Before the first rule behind which it would not be asked, and behind everything else that an administrator wrote.</summary>
    private int PlaceIn(List<string> others) => Place == IptablesPlace.First ? 0 : others.FindIndex(HidesUs) is var hiding and >= 0 ? hiding : others.Count;

    /// <summary>There is something of it, and it is not flannel's.</summary>
    public bool IsOurs(IptablesDump dump) =>
        dump.Rules(Table, Name)?.Any(rule => rule.Contains(Sign, StringComparison.Ordinal)) == true
        || dump.Rules(Table, BuiltIn)?.Any(rule => rule == Jump) == true;

    private bool IsJump(string rule) => rule.EndsWith($"-j {Name}", StringComparison.Ordinal);

    private bool HidesUs(string rule) => IsBlanketDrop(rule) || (Place != IptablesPlace.BeforeBlanketDrop && IsDockers(rule));

    /// <summary>What Docker was asked about has been accepted before it is.</summary>
    private bool Overrules(IEnumerable<string> behind) => Place == IptablesPlace.BeforeBlanketDrop && behind.TakeWhile(rule => !IsBlanketDrop(rule)).Any(IsDockers);

    private static bool IsBlanketDrop(string rule) => rule.StartsWith("-j DROP", StringComparison.Ordinal) || rule.StartsWith("-j REJECT", StringComparison.Ordinal);

    /// <summary>A jump to a chain of Docker's own, not to the administrator's.</summary>
    private static bool IsDockers(string rule) =>
        rule.IndexOf("-j DOCKER", StringComparison.Ordinal) is var at and >= 0 && rule[(at + 3)..] != "DOCKER-USER";

    private static string Text(PacketRule rule, string purpose, bool canRandom)
    {
        string mark = rule.Marked ? $"-m mark --mark 0x{PacketRule.MasqueradeMark:x}/0x{PacketRule.MasqueradeMark:x} " : "";
        return $"{Address("-s", rule.Source)}{Address("-d", rule.Destination)}{mark}-m comment --comment \"akka-overlay {purpose}\" -j {Verdict(rule.Verdict, canRandom)}";
    }

    /// <summary>All addresses are no condition: iptables-save does not print it.</summary>
    private static string Address(string side, AddressMatch? match) =>
        match is not { } given || (given.Prefix.Length == 0 && !given.Not) ? "" : $"{(given.Not ? "! " : "")}{side} {given.Prefix.Network} ";

    private static string Verdict(RuleVerdict verdict, bool canRandom) => verdict switch
    {
        RuleVerdict.Return => "RETURN",
        RuleVerdict.Accept => "ACCEPT",
        RuleVerdict.MasqueradeFullyRandom when canRandom => "MASQUERADE --random-fully",
        _ => "MASQUERADE",
    };
}
