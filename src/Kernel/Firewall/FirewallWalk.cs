using System.Text.Json;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>
/// Takes a packet through the filter chains of a hook, as nf_tables would (nft(8), "Chains", "Verdict statement"). What is not known of the packet leaves its verdict uncertain; it never
/// turns into a certain one. Pure.
/// </summary>
public static class FirewallWalk
{
    /// <summary>As deep as the kernel lets chains jump (NFT_JUMP_STACK_SIZE).</summary>
    private const int Deepest = 16;

    private enum Verdict
    {
        Continue,
        Return,
        Accept,
        Drop,
    }

    /// <param name="hook">"prerouting", "input", "forward", "output" or "postrouting".</param>
    /// <returns>The first certain drop, else the first possible one; null where it passes.</returns>
    public static FirewallDrop? At(NftRuleset rules, string hook, PacketView packet)
    {
        string family = packet.Source.BitLength() == 32 ? "ip" : "ip6";
        FirewallDrop? possible = null;
        foreach (var chain in rules.Chains.Where(chain => chain.Hook == hook && chain.Type == "filter" && (chain.Family == family || chain.Family == "inet")).OrderBy(chain => chain.Priority))
        {
            var walk = new Walk(rules, packet);
            bool certain = true;
            var verdict = walk.Through(chain, 0, ref certain);
            var drop = walk.Dropped;
            if (drop is null && verdict is Verdict.Continue or Verdict.Return && chain.Policy == "drop")
                drop = new FirewallDrop(certain, chain, null) { AtEnd = verdict == Verdict.Continue };
            if (drop is { Certain: true })
                return drop;
            possible ??= drop;
        }
        return possible;
    }

    /// <summary>The rule that gives the packet another source address as it leaves; null where none does.</summary>
    public static FirewallDrop? Translates(NftRuleset rules, PacketView packet)
    {
        string family = packet.Source.BitLength() == 32 ? "ip" : "ip6";
        foreach (var chain in rules.Chains.Where(chain => chain is { Hook: "postrouting", Type: "nat" } && (chain.Family == family || chain.Family == "inet")).OrderBy(chain => chain.Priority))
        {
            var walk = new Walk(rules, packet) { Ending = ["masquerade", "snat"] };
            bool certain = true;
            walk.Through(chain, 0, ref certain);
            if (walk.Dropped is { } found)
                return found;
        }
        return null;
    }

    private sealed class Walk(NftRuleset rules, PacketView packet)
    {
        /// <summary>The verdicts that are looked for.</summary>
        public IReadOnlyList<string> Ending { get; init; } = ["drop", "reject"];

        /// <summary>Where one of them was found.</summary>
        public FirewallDrop? Dropped { get; private set; }

        /// <param name="certain">False once something may have ended the way before.</param>
        public Verdict Through(NftChain chain, int depth, ref bool certain)
        {
            foreach (var rule in chain.Rules)
            {
                var (fits, ends, target) = Read(rule);
                if (fits == false)
                    continue;
                bool sure = certain && fits == true;
                switch (ends)
                {
                    case "drop":
                        if (Dropped is not { Certain: true } && (Dropped is null || sure))
                            Dropped = new FirewallDrop(sure, chain, rule.Handle);
                        if (fits == true)
                            return Verdict.Drop;
                        certain = false;
                        break;
                    case "accept" or "return" when fits == true:
                        return ends == "accept" ? Verdict.Accept : Verdict.Return;
                    case "accept" or "return":
                        certain = false;
                        break;
                    case "jump" or "goto" when depth < Deepest && rules.Chains.FirstOrDefault(other => other.Family == chain.Family && other.Table == chain.Table && other.Name == target) is { } next:
                        bool inside = sure;
                        var verdict = Through(next, depth + 1, ref inside);
                        if (fits == true && verdict is Verdict.Accept or Verdict.Drop)
                            return verdict;
                        if (fits == true && ends == "goto")
                        {
                            certain = inside;
                            return Verdict.Return;
                        }
                        certain &= inside;
                        break;
                    case "unknown":
                        certain = false;
                        break;
                }
            }
            return Verdict.Continue;
        }

        /// <summary>iptables' comments, which fit everything (iptables-extensions(8)).</summary>
        private static bool IsComment(JsonElement xt) => Text(xt, "type") == "match" && Text(xt, "name") == "comment";

        /// <summary>"masquerade", "reject" …: iptables-nft keeps those of iptables that way; null for a match.</summary>
        private static string? Target(JsonElement xt) => Text(xt, "type") == "target" ? Text(xt, "name")?.ToLowerInvariant() : null;

        private static string? Text(JsonElement item, string name) =>
            item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        /// <summary>Does the packet fit every match of the rule, and what ends its way there.</summary>
        private (bool? Fits, string? Ends, string? Target) Read(NftRule rule)
        {
            bool? fits = true;
            foreach (var expression in rule.Expressions)
            {
                if (expression.ValueKind != JsonValueKind.Object)
                    continue;
                var part = expression.EnumerateObject().FirstOrDefault();
                switch (part.Name)
                {
                    case "match":
                        bool? one = NftMatch.Fits(part.Value, packet);
                        if (one == false)
                            return (false, null, null);
                        fits = one is null ? null : fits;
                        break;
                    case var ending when Ending.Contains(ending):
                        return (fits, "drop", null);
                    case "drop" or "reject" or "masquerade" or "snat":
                        return (fits, "accept", null);
                    case "accept" or "return":
                        return (fits, part.Name, null);
                    case "jump" or "goto":
                        return (fits, part.Name, part.Value.GetProperty("target").GetString());
                    case "queue" or "vmap" or "synproxy":
                        return (fits, "unknown", null);
                    case "xt" when IsComment(part.Value):
                        break;
                    case "xt" when Target(part.Value) is { } target && (Ending.Contains(target) || target == "reject"):
                        return (fits, Ending.Contains(target) ? "drop" : "accept", null);
                    case "xt" or "limit" or "quota" or "fib":
                        fits = null;
                        break;
                }
            }
            return (fits, null, null);
        }
    }
}
