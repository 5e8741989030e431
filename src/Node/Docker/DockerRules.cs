using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Docker;

/// <summary>One of our rules in Docker's firewall.</summary>
/// <param name="Table">iptables' table.</param>
/// <param name="Match">As iptables-save(8) prints it, without target.</param>
/// <param name="Foe">A target that takes packets away from us where it stands in front of our rule; null where only our being there counts.</param>
/// <param name="Comment">How one network's rules are told from everybody else's. Letters, digits and '-': iptables-save puts nothing around them.</param>
internal sealed record DockerRule(string Table, string Chain, string Match, string? Foe, string Comment)
{
    public string Text => $"{Match} -m comment --comment {Comment} -j ACCEPT";
}

/// <summary>
/// What lets the overlay pass Docker's firewall, in the chains that decide there. An accept in a table of our own would not help: a packet that one base chain
/// drops is dropped, whatever the others say (nft(8)).
/// <code>
/// table   chain        what for
/// filter  DOCKER-USER  overlay to overlay: in front of the policy DROP (when Docker switched forwarding on), and of Docker 28's drop of what was not published
/// nat     POSTROUTING  overlay to overlay keeps its source, also where Docker masquerades what leaves its bridge
/// raw     PREROUTING   overlay to this host's containers: in front of Docker 28's drop for each container, which Docker appends
/// </code>
/// </summary>
/// <param name="comment">The network's (<see cref="FirewallNames.DockerComment"/>): rules with another one are not looked at.</param>
internal sealed class DockerRules(string comment)
{
    public const string UserChain = "DOCKER-USER";

    /// <param name="network">The whole overlay.</param>
    /// <param name="subnet">This host's part.</param>
    public IReadOnlyList<DockerRule> Wanted(IpPrefix network, IpPrefix subnet)
    {
        string within = $"-s {network.Network} -d {network.Network}";
        return
        [
            new DockerRule("filter", UserChain, within, null, comment),
            new DockerRule("nat", "POSTROUTING", within, "MASQUERADE", comment),
            new DockerRule("raw", "PREROUTING", $"-s {network.Network} -d {subnet.Network}", "DROP", comment),
        ];
    }

    /// <summary>The text for <c>iptables-restore --noflush</c> that makes one table hold what is wanted of it and nothing older of this network's; null where it does.</summary>
    /// <param name="saved">The table's rules, as <c>iptables-save -t</c> prints them.</param>
    /// <param name="wanted">Of this table; none takes ours away.</param>
    public string? Change(string table, IReadOnlyList<string> saved, IReadOnlyList<DockerRule> wanted)
    {
        var lines = new List<string>();
        var rules = saved.Where(line => line.StartsWith("-A ", StringComparison.Ordinal)).ToList();
        var good = wanted.Where(rule => Stands(rule, rules)).Select(rule => $"-A {rule.Chain} {rule.Text}").ToHashSet();
        foreach (string rule in rules.Where(IsOurs))
        {
            // Of several that are alike the first stays.
            if (!good.Remove(rule))
                lines.Add($"-D{rule[2..]}");
        }
        lines.AddRange(wanted.Where(rule => !Stands(rule, rules)).Select(rule => $"-I {rule.Chain} 1 {rule.Text}"));
        return lines.Count == 0 ? null : $"*{table}\n{string.Join('\n', lines)}\nCOMMIT\n";
    }

    /// <summary>What takes a change back; what it removed comes to the front of its chain.</summary>
    public static string Undo(string change)
    {
        string[] lines = change.Split('\n');
        return string.Join('\n', lines.Where(line => !IsRule(line)).Take(1)
            .Concat(lines.Where(IsRule).Reverse().Select(line => line.Split(' ', 4) is ["-I", var chain, "1", var rule] ? $"-D {chain} {rule}" : Inserted(line)))
            .Append("COMMIT\n"));
    }

    public static bool HasChain(IReadOnlyList<string> saved, string chain) => saved.Any(line => line.StartsWith($":{chain} ", StringComparison.Ordinal));

    public bool IsOurs(string rule) => rule.Contains($"--comment {comment} ", StringComparison.Ordinal);

    private static bool IsRule(string line) => line.StartsWith('-');

    private static string Inserted(string removal)
    {
        string[] parts = removal.Split(' ', 3);
        return $"-I {parts[1]} 1 {parts[2]}";
    }

    private static bool Stands(DockerRule rule, List<string> rules)
    {
        var chain = rules.Where(line => line.StartsWith($"-A {rule.Chain} ", StringComparison.Ordinal)).ToList();
        int at = chain.IndexOf($"-A {rule.Chain} {rule.Text}");
        return at >= 0 && (rule.Foe is null || !chain.Take(at).Any(line => line.Contains($"-j {rule.Foe}", StringComparison.Ordinal)));
    }
}
