using System.Collections.Immutable;
using System.Text.RegularExpressions;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// One family's pair of programs. There are two kinds, which know nothing of each other's rules: over nftables, and the old one.
/// </summary>
/// <param name="Prefix">"iptables", "ip6tables-legacy" …: with "-save" and "-restore" behind it.</param>
/// <param name="IsLegacy">Changes are told by nobody.</param>
/// <param name="CanRandom">Knows --random-fully (1.6.2).</param>
public sealed partial record IptablesTools(string Prefix, bool IPv4, bool IsLegacy, bool CanRandom)
{
    /// <summary>Seconds to wait for whoever holds iptables' lock.</summary>
    private static readonly ImmutableArray<string> Restore = ["--noflush", "--wait", "5"];

    /// <summary>How the programs say that the kernel has no tables of their kind (errno's text, and libiptc's).</summary>
    private static readonly ImmutableArray<string> Unsupported = ["not supported", "Protocol not available", "do you need to insmod?"];

    public string RestoreProgram => $"{Prefix}-restore";

    /// <summary>The programs that a plain name leads to; null where there are none.</summary>
    public static IptablesTools? Find(IToolRunner tools, bool ipv4) => Find(tools, ipv4 ? "iptables" : "ip6tables", ipv4);

    /// <summary>One of each kind that is installed.</summary>
    public static IEnumerable<IptablesTools> All(IToolRunner tools, bool ipv4)
    {
        string plain = ipv4 ? "iptables" : "ip6tables";
        return new[] { plain, $"{plain}-nft", $"{plain}-legacy" }.Select(prefix => Find(tools, prefix, ipv4)).OfType<IptablesTools>().DistinctBy(found => found.IsLegacy);
    }

    /// <summary>Tables that are not there are not made by this.</summary>
    /// <exception cref="ToolException">The program failed.</exception>
    public IptablesDump Dump(IToolRunner tools) => Read(tools.Run($"{Prefix}-save", []));

    /// <summary>Null where this kernel cannot do this kind: it holds nothing of ours.</summary>
    /// <exception cref="ToolException">The program failed, and nobody knows what there is.</exception>
    public IptablesDump? DumpIfSupported(IToolRunner tools)
    {
        var result = tools.Run($"{Prefix}-save", []);
        return !result.Succeeded && Unsupported.Any(sign => result.Error.Contains(sign, StringComparison.Ordinal)) ? null : Read(result);
    }

    /// <exception cref="ToolException">The program refused it.</exception>
    public ToolResult Apply(IToolRunner tools, string script)
    {
        var result = tools.Run(RestoreProgram, Restore, script);
        return result.Succeeded ? result : throw new ToolException($"{RestoreProgram} refused our rules: {result.Reason}");
    }

    private IptablesDump Read(ToolResult result) =>
        result.Succeeded ? IptablesDump.Parse(result.Output) : throw new ToolException($"{Prefix}-save: {result.Reason}");

    private static IptablesTools? Find(IToolRunner tools, string prefix, bool ipv4)
    {
        if (!tools.Has($"{prefix}-save") || !tools.Has($"{prefix}-restore"))
            return null;
        string version = tools.Run($"{prefix}-restore", ["--version"]).Output;
        var match = Version().Match(version);
        return new IptablesTools(prefix, ipv4, !version.Contains("nf_tables", StringComparison.Ordinal), !match.Success || System.Version.Parse(match.Value) >= new Version(1, 6, 2));
    }

    [GeneratedRegex(@"\d+\.\d+\.\d+")]
    private static partial Regex Version();
}
