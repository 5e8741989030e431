using System.CommandLine;
using AkkaOverlay.Node.Api;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary>Who owns which subnet: <c>lease list</c>.</summary>
internal static class LeaseCommands
{
    public static Command Create() => new("lease", "Who owns which subnet.")
    {
        Output.Query("list", "Every lease of the network.", (client, cancel) => client.LeasesAsync(cancel), ApiJson.Default.LedgerModel, Show),
    };

    private static void Show(LedgerModel ledger)
    {
        bool v4 = ledger.Leases.Any(lease => lease.Subnet is not null);
        bool v6 = ledger.Leases.Any(lease => lease.Ipv6Subnet is not null);
        var table = Output.Table([.. v4 ? ["SUBNET"] : Array.Empty<string>(), .. v6 ? ["IPV6 SUBNET"] : Array.Empty<string>(), "HOST", "PUBLIC IP", "BACK END", "SINCE"]);
        foreach (var lease in ledger.Leases)
        {
            table.AddRow([
                .. v4 ? [lease.Subnet ?? "-"] : Array.Empty<string>(),
                .. v6 ? [lease.Ipv6Subnet ?? "-"] : Array.Empty<string>(),
                Markup.Escape(lease.Name),
                lease.PublicIp ?? lease.PublicIpv6 ?? "-",
                string.Join(",", lease.BackEnds),
                $"revision {lease.Generation}"]);
        }
        AnsiConsole.Write(table);
        Console.WriteLine($"{ledger.Leases.Count} leases, ledger revision {ledger.Revision}{(ledger.Live ? "" : ", as remembered: the ledger has not answered yet")}");
    }
}
