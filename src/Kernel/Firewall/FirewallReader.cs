using System.ComponentModel;
using System.Diagnostics;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>What this network namespace filters.</summary>
/// <param name="Problem">Why nftables could not be read; null where it was.</param>
/// <param name="Legacy">What <c>iptables-legacy-save</c> prints: filters beside nftables; null where the program is not there or has nothing.</param>
public sealed record FirewallListing(NftRuleset Rules, string? Problem, string? Legacy);

/// <summary>Reads the packet filter through its own programs, where they are there: nothing here needs them to work.</summary>
public static class FirewallReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Of the calling process's network namespace.</summary>
    public static FirewallListing Read()
    {
        // Asked only where the kernel has such tables: the program itself would load their modules.
        bool hasLegacy = File.Exists("/proc/net/ip_tables_names") && File.ReadAllText("/proc/net/ip_tables_names").Length > 0;
        string? legacy = hasLegacy && Run("iptables-legacy-save") is (0, { Length: > 0 } saved) ? saved : null;
        try
        {
            return Run("nft", "--json", "list", "ruleset") switch
            {
                null => new FirewallListing(NftRuleset.Empty, "nft is not installed", legacy),
                (0, var json) => new FirewallListing(NftRuleset.Parse(json), null, legacy),
                var (code, _) => new FirewallListing(NftRuleset.Empty, $"nft ended with status {code}", legacy),
            };
        }
        catch (FormatException e)
        {
            return new FirewallListing(NftRuleset.Empty, e.Message, legacy);
        }
    }

    /// <returns>Exit code and what was printed; null where there is no such program. Code -1: it took too long.</returns>
    public static (int Code, string Output)? Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Patience) || !output.Wait(Patience))
            {
                process.Kill();
                return (-1, "");
            }
            return (process.ExitCode, output.Result);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
