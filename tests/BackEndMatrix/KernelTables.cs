using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>What a host's kernel knows of others: routes of every table, permanent neighbours, forwarding entries and wireguard's peers, a line for each.</summary>
internal static class KernelTables
{
    private static readonly string[] Commands =
        ["ip -4 route show table all", "ip -6 route show table all", "ip neigh show nud permanent", "bridge fdb show"];

    /// <returns>The lines with one of these texts as a word, or as the address before a prefix length.</returns>
    public static async Task<IReadOnlyList<string>> LinesWithAsync(LabHost host, IReadOnlyCollection<string> texts)
    {
        var lines = new List<string>();
        foreach (string command in Commands)
            lines.AddRange((await host.Do(command)).Split('\n'));
        lines.AddRange(WireGuardPeers(host));
        return [.. lines.Where(line => line.Split(' ').Any(word => texts.Any(text => word == text || word.StartsWith($"{text}/", StringComparison.Ordinal))))];
    }

    private static IEnumerable<string> WireGuardPeers(LabHost host)
    {
        using var kernel = host.Host.Run(RtnetlinkSocket.Open);
        var devices = kernel.DumpLinks().Where(link => link.Kind == "wireguard").Select(link => link.Name).ToList();
        if (devices.Count == 0)
            return [];
        using var wireGuard = host.Host.Run(WireGuardSocket.Open);
        return [.. devices.SelectMany(device => wireGuard.Find(device)!.Peers, (device, peer) => $"{device} {string.Join(' ', peer.AllowedIps)}")];
    }
}
