using System.Diagnostics;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// Drops the cluster's TCP traffic where it arrives, by nftables in the host's namespace. Everything else, the tunnels' UDP above all, passes.
/// </summary>
public static class ControlCut
{
    private const string Table = "control-cut";
    private const int Port = 4053;

    /// <summary>From now on this host gets nothing from those; from all others it does.</summary>
    /// <exception cref="LabException">nft refused, or is not there.</exception>
    public static async Task SetAsync(LabHost host, IReadOnlyCollection<LabHost> deafTo)
    {
        ArgumentNullException.ThrowIfNull(host);
        // One transaction: the table is made so that it can be deleted, and made anew.
        string script = $"table ip {Table} {{ }}\ndelete table ip {Table}\n";
        if (deafTo.Count > 0)
        {
            string from = string.Join(", ", deafTo.Select(other => other.UnderlayAddress));
            script += $$"""
                table ip {{Table}} {
                  chain input {
                    type filter hook input priority -300
                    ip saddr { {{from}} } tcp dport {{Port}} drop
                    ip saddr { {{from}} } tcp sport {{Port}} drop
                  }
                }
                """;
        }
        await RunAsync(host.Host, script);
    }

    private static async Task RunAsync(NetworkNamespace inside, string script)
    {
        var start = new ProcessStartInfo("nft", ["-f", "-"]) { RedirectStandardInput = true, RedirectStandardError = true };
        try
        {
            using var process = inside.StartProcess(start);
            await process.StandardInput.WriteAsync(script);
            process.StandardInput.Close();
            string error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                throw new LabException($"nft in {inside.Name}: {error.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LabException($"nft cannot be started: {e.Message}", inner: e);
        }
    }
}
