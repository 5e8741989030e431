using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Netfilter;

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
        await Task.Run(() => Run(host.Host, script));
    }

    private static void Run(NetworkNamespace inside, string script)
    {
        try
        {
            var result = new ToolRunner(inside.StartProcess) { MoreFolders = ToolRunner.SystemFolders }.Run("nft", ["-f", "-"], script);
            if (!result.Succeeded)
                throw new LabException($"nft in {inside.Name}: {result.Reason}");
        }
        catch (ToolException e)
        {
            throw new LabException(e.Message, inner: e);
        }
    }
}
