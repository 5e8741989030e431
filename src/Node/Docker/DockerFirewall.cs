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

    /// <summary>All of it or nothing: where iptables refuses one table, the others become as they were.</summary>
    /// <returns>What was done, a line for each rule; none where everything stood.</returns>
    /// <exception cref="StartException">What stands in the way.</exception>
    public IReadOnlyList<string> Ensure(SubnetEnvFile file)
    {
        var changes = new List<TableChange>();
        if (file.Bridge is { } subnet)
            changes.AddRange(Plan("iptables", Range(file, subnet), subnet, mustHaveDocker: true));
        // Docker does IPv6 only where it is told to: then its chain is there.
        if (file.Bridge6 is { } subnet6)
            changes.AddRange(Plan("ip6tables", Range(file, subnet6), subnet6, mustHaveDocker: file.Bridge is null));
        Apply(changes);
        return [.. changes.SelectMany(change => change.Lines)];
    }

    /// <summary>Takes this network's away, whatever subnet they were made for. Nothing happens where there is no iptables; where one table is refused, the others go.</summary>
    /// <returns>The rules that were removed, as iptables writes them, and what stands in the way.</returns>
    public (IReadOnlyList<string> Removed, IReadOnlyList<string> Errors) Remove()
    {
        List<string> removed = [], errors = [];
        foreach (string program in Programs.Where(IsThere))
        {
            foreach (string table in Tables)
            {
                try
                {
                    if (Save(program, table) is not { } saved || rules.Change(table, saved, []) is not { } change)
                        continue;
                    Restore(program, change);
                    removed.AddRange(saved.Where(rules.IsOurs).Select(rule => $"{program} -t {table} {rule}"));
                }
                catch (StartException e)
                {
                    errors.Add(e.Message);
                }
            }
        }
        return (removed, [.. errors.Distinct()]);
    }

    /// <summary>Looks, and changes nothing.</summary>
    private List<TableChange> Plan(string program, IpPrefix range, IpPrefix subnet, bool mustHaveDocker)
    {
        if (!IsThere(program))
            return mustHaveDocker ? throw new StartException($"{program}-save is not there, and Docker's firewall is made of iptables (Debian's package iptables)") : [];
        var filter = Save(program, "filter") ?? [];
        if (!DockerRules.HasChain(filter, DockerRules.UserChain))
        {
            return mustHaveDocker
                ? throw new StartException(
                    $"{program}: there is no chain {DockerRules.UserChain}: start Docker first; with \"iptables\": false it needs no rules, "
                    + "with \"firewall-backend\": \"nftables\" it needs \"allow-direct-routing\": true and \"bridge-accept-fwmark\" in daemon.json")
                : [];
        }
        var changes = new List<TableChange>();
        foreach (var wanted in rules.Wanted(range, subnet).GroupBy(rule => rule.Table))
        {
            // A kernel without the raw table has none of Docker's drops in it either.
            var saved = wanted.Key == "filter" ? filter : Save(program, wanted.Key);
            if (saved is not null && rules.Change(wanted.Key, saved, [.. wanted]) is { } change)
                changes.Add(new TableChange(program, wanted.Key, change));
        }
        return changes;
    }

    private void Apply(IReadOnlyList<TableChange> changes)
    {
        for (int done = 0; done < changes.Count; done++)
        {
            try
            {
                Restore(changes[done].Program, changes[done].Script);
            }
            catch (StartException)
            {
                TakeBack(changes.Take(done));
                throw;
            }
        }
    }

    private void TakeBack(IEnumerable<TableChange> changes)
    {
        foreach (var change in changes)
        {
            try
            {
                Restore(change.Program, DockerRules.Undo(change.Script));
            }
            catch (StartException)
            {
                // What is told is why it began.
            }
        }
    }

    /// <summary>The overlay's whole network that the subnet is a part of: without it a rule would accept what is nobody's.</summary>
    private static IpPrefix Range(SubnetEnvFile file, IpPrefix subnet)
    {
        string name = subnet.IsIPv4 ? "FLANNEL_NETWORK" : "FLANNEL_IPV6_NETWORK";
        var range = file.Networks.Where(network => network.IsIPv4 == subnet.IsIPv4).Cast<IpPrefix?>().FirstOrDefault()
            ?? throw new StartException($"{name} is missing in subnet.env");
        return range.Length > 0 && range.Contains(subnet) ? range : throw new StartException($"subnet.env: {subnet.Network} is no part of {name} {range}");
    }

    private bool IsThere(string program) => tools.Has($"{program}-save");

    /// <returns>Null where the kernel has no such table.</returns>
    private string[]? Save(string program, string table)
    {
        var result = Run($"{program}-save", ["-t", table]);
        if (result.Succeeded)
            return result.Output.Split('\n');
        // Who may not look has not seen that nothing is there.
        return result.Error.Contains("Permission denied", StringComparison.Ordinal) ? throw new StartException($"{program}-save: {result.Reason}") : null;
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

    /// <summary>What iptables-restore is told of one table.</summary>
    private sealed record TableChange(string Program, string Table, string Script)
    {
        public IEnumerable<string> Lines => Script.Split('\n').Where(line => line.StartsWith('-')).Select(line => $"{Program} -t {Table} {line}");
    }
}
