using System.Collections.Immutable;
using System.Text;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// One of our chains in a table of iptables, with the jump that leads there. Rules are written as iptables-save prints them, so that they are compared as text.
/// </summary>
/// <param name="Rules">In order; null where the chain shall not be.</param>
public sealed record IptablesChain(string Table, string BuiltIn, string Name, string Purpose, ImmutableArray<string>? Rules)
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
            new("filter", "FORWARD", wanted.Names.Forward, "forward", Rules(RuleChain.Forward, "forward")),
            new("nat", "POSTROUTING", wanted.Names.PostRouting, "masq", Rules(RuleChain.PostRouting, "masq")),
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
        return there is not null && there.SequenceEqual(rules) && at >= 0 && builtIn.Count(IsJump) == 1 && !builtIn.Take(at).Any(HidesUs);
    }

    /// <summary>Lines for iptables-restore --noflush that make it so, all at once.</summary>
    public string Script(IptablesDump dump)
    {
        var text = new StringBuilder().Append('*').Append(Table).Append('\n');
        var builtIn = dump.Rules(Table, BuiltIn) ?? [];
        if (Rules is not null)
            text.Append(':').Append(Name).Append(" - [0:0]\n");
        foreach (string jump in builtIn.Where(IsJump))
            text.Append("-D ").Append(BuiltIn).Append(' ').Append(jump).Append('\n');
        if (Rules is { } rules)
        {
            // What an administrator says in Docker's own chain for that goes first, and nothing else.
            int place = builtIn.FirstOrDefault(rule => !IsJump(rule)) == "-j DOCKER-USER" ? 2 : 1;
            text.Append("-I ").Append(BuiltIn).Append(' ').Append(place).Append(' ').Append(Jump).Append('\n');
            foreach (string rule in rules)
                text.Append("-A ").Append(Name).Append(' ').Append(rule).Append('\n');
        }
        else if (dump.Rules(Table, Name) is not null)
        {
            text.Append("-F ").Append(Name).Append("\n-X ").Append(Name).Append('\n');
        }
        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>There is something of it, and it is not flannel's.</summary>
    public bool IsOurs(IptablesDump dump) =>
        dump.Rules(Table, Name)?.Any(rule => rule.Contains(Sign, StringComparison.Ordinal)) == true
        || dump.Rules(Table, BuiltIn)?.Any(rule => rule == Jump) == true;

    private bool IsJump(string rule) => rule.EndsWith($"-j {Name}", StringComparison.Ordinal);

    /// <summary>Docker's rules drop what goes to a container from elsewhere, and a blanket drop everything: behind them we would not be asked.</summary>
    private static bool HidesUs(string rule)
    {
        int target = rule.IndexOf("-j ", StringComparison.Ordinal);
        if (target < 0)
            return false;
        string name = rule[(target + 3)..];
        return (name.StartsWith("DOCKER", StringComparison.Ordinal) && name != "DOCKER-USER")
            || (target == 0 && (name.StartsWith("DROP", StringComparison.Ordinal) || name.StartsWith("REJECT", StringComparison.Ordinal)));
    }

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
