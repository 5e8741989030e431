using System.ComponentModel;
using System.Diagnostics;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Docker;

/// <summary>Puts <see cref="DockerRules"/> into place, with the iptables that Docker itself uses.</summary>
internal static class DockerFirewall
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Tables = ["filter", "nat", "raw"];

    private static readonly string[] Programs = ["iptables", "ip6tables"];

    /// <summary>Debian's place, which a user's PATH need not have.</summary>
    private static readonly string[] SystemFolders = ["/usr/sbin", "/sbin"];

    /// <returns>What was done, a line for each table; none where everything stood.</returns>
    /// <exception cref="StartException">What stands in the way.</exception>
    public static IReadOnlyList<string> Ensure(SubnetEnvFile file)
    {
        var done = new List<string>();
        if (file.Bridge is { } subnet)
            done.AddRange(Ensure("iptables", Network(file, ipv4: true), subnet, mustHaveDocker: true));
        // Docker does IPv6 only where it is told to: then its chain is there.
        if (file.Bridge6 is { } subnet6)
            done.AddRange(Ensure("ip6tables", Network(file, ipv4: false), subnet6, mustHaveDocker: file.Bridge is null));
        return done;
    }

    /// <summary>Takes ours away, whatever network they were made for. Nothing happens where there is no iptables.</summary>
    /// <returns>The rules that were removed, as iptables writes them.</returns>
    public static IReadOnlyList<string> Remove()
    {
        var removed = new List<string>();
        foreach (string program in Programs.Where(IsThere))
        {
            foreach (string table in Tables)
            {
                if (Save(program, table) is not { } saved || DockerRules.Change(table, saved, []) is not { } change)
                    continue;
                Restore(program, change);
                removed.AddRange(saved.Where(DockerRules.IsOurs).Select(rule => $"{program} -t {table} {rule}"));
            }
        }
        return removed;
    }

    private static List<string> Ensure(string program, IpPrefix network, IpPrefix subnet, bool mustHaveDocker)
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
        foreach (var rules in DockerRules.Wanted(network, subnet).GroupBy(rule => rule.Table))
        {
            // A kernel without the raw table has none of Docker's drops in it either.
            var saved = rules.Key == "filter" ? filter : Save(program, rules.Key);
            if (saved is null || DockerRules.Change(rules.Key, saved, [.. rules]) is not { } change)
                continue;
            Restore(program, change);
            done.AddRange(change.Split('\n').Where(line => line.StartsWith('-')).Select(line => $"{program} -t {rules.Key} {line}"));
        }
        return done;
    }

    private static IpPrefix Network(SubnetEnvFile file, bool ipv4) => file.Networks.Where(network => network.IsIPv4 == ipv4).Cast<IpPrefix?>().FirstOrDefault()
        ?? throw new StartException($"{(ipv4 ? "FLANNEL_NETWORK" : "FLANNEL_IPV6_NETWORK")} is missing in subnet.env");

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(SystemFolders).Any(folder => File.Exists(Path.Combine(folder, $"{program}-save")));

    private static string[]? Save(string program, string table)
    {
        var (status, output, _) = Run($"{program}-save", "", "-t", table);
        return status == 0 ? output.Split('\n') : null;
    }

    private static void Restore(string program, string change)
    {
        var (status, _, error) = Run($"{program}-restore", change, "--noflush", "--wait", "10");
        if (status != 0)
            throw new StartException($"{program}-restore refuses our rules: {error.Trim()}");
    }

    private static (int Status, string Output, string Error) Run(string program, string input, params string[] arguments)
    {
        string path = SystemFolders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                throw new StartException($"{program} did not end within {Patience.TotalSeconds:0} s");
            }
            return (process.ExitCode, output.Result, error.Result);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new StartException($"{program}: {e.Message}", e);
        }
    }
}
