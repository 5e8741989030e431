using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Docker;

/// <summary>Puts one network's <see cref="DockerRules"/> into place, with the iptables that Docker itself uses.</summary>
internal sealed class DockerFirewall(IToolRunner tools, NetworkName network)
{
    /// <summary>Longer than iptables-restore waits for the lock that Docker holds while it starts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Tables = ["filter", "nat", "raw"];

    private static readonly string[] Programs = ["iptables", "ip6tables"];

    private readonly DockerRules rules = new(FirewallNames.Of(network).DockerComment);

    /// <summary>With the programs of this host.</summary>
    public static DockerFirewall Of(NetworkName network) => new(new ToolRunner(patience: Patience) { MoreFolders = ToolRunner.SystemFolders }, network);

    /// <returns>What was done, a line for each table; none where everything stood.</returns>
    /// <exception cref="StartException">What stands in the way.</exception>
    public IReadOnlyList<string> Ensure(SubnetEnvFile file)
    {
        var done = new List<string>();
        if (file.Bridge is { } subnet)
            done.AddRange(Ensure("iptables", Range(file, ipv4: true), subnet, mustHaveDocker: true));
        // Docker does IPv6 only where it is told to: then its chain is there.
        if (file.Bridge6 is { } subnet6)
            done.AddRange(Ensure("ip6tables", Range(file, ipv4: false), subnet6, mustHaveDocker: file.Bridge is null));
        return done;
    }

    /// <summary>Takes this network's away, whatever subnet they were made for. Nothing happens where there is no iptables.</summary>
    /// <returns>The rules that were removed, as iptables writes them.</returns>
    public IReadOnlyList<string> Remove()
    {
        var removed = new List<string>();
        foreach (string program in Programs.Where(IsThere))
        {
            foreach (string table in Tables)
            {
                if (Save(program, table) is not { } saved || rules.Change(table, saved, []) is not { } change)
                    continue;
                Restore(program, change);
                removed.AddRange(saved.Where(rules.IsOurs).Select(rule => $"{program} -t {table} {rule}"));
            }
        }
        return removed;
    }

    private List<string> Ensure(string program, IpPrefix range, IpPrefix subnet, bool mustHaveDocker)
    {
        if (!IsThere(program))
            throw new StartException($"{program}-save is not there, and Docker's firewall is made of iptables (Debian's package iptables)");
        var filter = Save(program, "filter") ?? [];
        if (!DockerRules.HasChain(filter, DockerRules.UserChain))
        {
            return mustHaveDocker
                ? throw new StartException(
                    $"{program}: there is no chain {DockerRules.UserChain}: start Docker first; with \"iptables\": false it needs no rules, "
                    + "with \"firewall-backend\": \"nftables\" it needs \"allow-direct-routing\": true and \"bridge-accept-fwmark\" in daemon.json")
                : [];
        }
        var done = new List<string>();
        foreach (var wanted in rules.Wanted(range, subnet).GroupBy(rule => rule.Table))
        {
            // A kernel without the raw table has none of Docker's drops in it either.
            var saved = wanted.Key == "filter" ? filter : Save(program, wanted.Key);
            if (saved is null || rules.Change(wanted.Key, saved, [.. wanted]) is not { } change)
                continue;
            Restore(program, change);
            done.AddRange(change.Split('\n').Where(line => line.StartsWith('-')).Select(line => $"{program} -t {wanted.Key} {line}"));
        }
        return done;
    }

    private static IpPrefix Range(SubnetEnvFile file, bool ipv4) => file.Networks.Where(network => network.IsIPv4 == ipv4).Cast<IpPrefix?>().FirstOrDefault()
        ?? throw new StartException($"{(ipv4 ? "FLANNEL_NETWORK" : "FLANNEL_IPV6_NETWORK")} is missing in subnet.env");

    private bool IsThere(string program) => tools.Has($"{program}-save");

    private string[]? Save(string program, string table)
    {
        var result = Run($"{program}-save", ["-t", table]);
        return result.Succeeded ? result.Output.Split('\n') : null;
    }

    private void Restore(string program, string change)
    {
        var result = Run($"{program}-restore", ["--noflush", "--wait", "10"], change);
        if (!result.Succeeded)
            throw new StartException($"{program}-restore refuses our rules: {result.Reason}");
    }

    private ToolResult Run(string program, IReadOnlyList<string> arguments, string input = "")
    {
        try
        {
            return tools.Run(program, arguments, input);
        }
        catch (ToolException e)
        {
            throw new StartException(e.Message, e);
        }
    }
}
