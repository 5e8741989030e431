using System.CommandLine;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using Spectre.Console;

namespace AkkaOverlay.Node.Cli;

/// <summary>Who owns which subnet, and what an operator may do about it: <c>lease list</c>, <c>show</c>, <c>reserve</c>, <c>unreserve</c>, <c>release</c>.</summary>
internal static class LeaseCommands
{
    public static Command Create() => new("lease", "Who owns which subnet.")
    {
        Output.Query("list", "Every lease, quarantine and reservation of the network.", (client, cancel) => client.LedgerAsync(cancel), ApiJson.Default.LedgerModel, Show),
        ShowOne(),
        Reserve(),
        Wish("unreserve", "Let any host have a subnet again.", (client, subnet, cancel) => client.UnreserveAsync(subnet, cancel)),
        Release(),
    };

    private static Command ShowOne()
    {
        var subnet = Subnet();
        var command = Output.Query(
            "show", "One subnet: who has it, since when, when it was last seen.",
            (client, parsed, cancel) => client.LeaseAsync(Parse(parsed.GetValue(subnet)!), cancel), ApiJson.Default.LeaseModel, Show);
        command.Add(subnet);
        return command;
    }

    private static Command Reserve()
    {
        var host = new Option<string>("--host") { Description = "The node's name, as 'lease list' shows it; it need not have joined yet.", HelpName = "NAME", Required = true };
        var command = Wish(
            "reserve", "Keep a subnet for one host: nobody else gets it, and its lease does not expire.",
            (client, subnet, parsed, cancel) =>
            {
                string name = parsed.GetValue(host)!;
                return HostName.IsValid(name) ? client.ReserveAsync(subnet, name, cancel) : throw new UsageException($"--host '{name}': {HostName.Rule}");
            });
        command.Add(host);
        return command;
    }

    private static Command Release()
    {
        var force = new Option<bool>("--force") { Description = "Also where the host lives, or the subnet's quarantine is not over." };
        var command = Wish(
            "release", "End the lease of a host that is gone: its subnet is free at once.",
            (client, subnet, parsed, cancel) => client.ReleaseAsync(subnet, parsed.GetValue(force), cancel));
        command.Add(force);
        return command;
    }

    private static Command Wish(string name, string description, Func<ApiClient, IpPrefix, CancellationToken, Task<MessageModel>> tell) =>
        Wish(name, description, (client, subnet, _, cancel) => tell(client, subnet, cancel));

    private static Command Wish(string name, string description, Func<ApiClient, IpPrefix, ParseResult, CancellationToken, Task<MessageModel>> tell)
    {
        var runDirectory = Output.RunDirectory();
        var subnet = Subnet();
        var command = new Command(name, description) { subnet, Output.Network, runDirectory };
        command.SetAction(async (parsed, cancel) =>
        {
            var wanted = Parse(parsed.GetValue(subnet)!);
            using var client = Output.Client(parsed.GetValue(runDirectory)!);
            Console.WriteLine((await tell(client, wanted, parsed, cancel)).Message);
            return 0;
        });
        return command;
    }

    private static Argument<string> Subnet()
    {
        var argument = new Argument<string>("SUBNET") { Description = "Such as 10.244.1.0/24." };
        argument.CompletionSources.Add(FromTheNode.Subnets);
        return argument;
    }

    private static IpPrefix Parse(string text) => IpPrefix.TryParse(text, null, out var subnet) && subnet.IsNetwork
        ? subnet
        : throw new UsageException($"'{text}': not a subnet such as 10.244.1.0/24");

    private static void Show(LedgerModel ledger)
    {
        bool v4 = ledger.Leases.Any(lease => lease.Subnet is not null);
        bool v6 = ledger.Leases.Any(lease => lease.Ipv6Subnet is not null);
        var label = Output.HostLabel(ledger.Leases.Select(lease => lease.Name));
        // A terminal has no room for a column of each family.
        bool together = v4 && v6 && !Console.IsOutputRedirected;
        string[] subnets = together || !(v4 && v6) ? [v6 && !v4 ? "IPV6 SUBNET" : "SUBNET"] : ["SUBNET", "IPV6 SUBNET"];
        var table = Output.Table([.. subnets, "HOST", "PUBLIC IP", "BACK END", "STATE", "SEEN"]);
        foreach (var lease in ledger.Leases)
        {
            string[] both = [.. v4 ? [lease.Subnet ?? "-"] : Array.Empty<string>(), .. v6 ? [lease.Ipv6Subnet ?? "-"] : Array.Empty<string>()];
            table.AddRow([
                .. together ? [string.Join('\n', both)] : both,
                Markup.Escape(lease.Name.Length > 0 ? label(lease.Name) : "-"),
                lease.PublicIp ?? lease.PublicIpv6 ?? "-",
                lease.BackEnds.Count > 0 ? string.Join(",", lease.BackEnds) : "-",
                Markup.Escape(StateOf(lease)),
                SeenOf(lease)]);
        }
        AnsiConsole.Write(table);
        int held = ledger.Leases.Count(lease => lease.State is null or "held");
        Console.WriteLine($"{held} leases, ledger revision {ledger.Revision}{(ledger.Live ? "" : ", as remembered: the ledger has not answered yet")}");
        if (ledger.Note is { } note)
            Console.WriteLine(note);
    }

    private static void Show(LeaseModel lease)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn());
        void Row(string name, string? value) => grid.AddRow($"[bold]{name}[/]", Markup.Escape(value ?? "none"));
        Row("Subnet", string.Join(" and ", new[] { lease.Subnet, lease.Ipv6Subnet }.OfType<string>()));
        Row("State", StateOf(lease));
        if (lease.Name.Length > 0)
        {
            Row("Host", lease.Name);
            Row("Node id", lease.Node);
        }
        if (lease.State == "held")
        {
            Row("Public IP", string.Join(" and ", new[] { lease.PublicIp, lease.PublicIpv6 }.OfType<string>().DefaultIfEmpty("none")));
            Row("Back ends", string.Join(", ", lease.BackEnds));
            Row("Since", $"revision {lease.Generation}");
            Row("Last seen", SeenOf(lease));
        }
        AnsiConsole.Write(grid);
    }

    private static string StateOf(LeaseModel lease)
    {
        string state = lease switch
        {
            { State: null } => "held",
            { QuarantineLeftSeconds: { } left } => $"quarantined, {DurationText.Of(TimeSpan.FromSeconds(left))} left",
            _ => lease.State,
        };
        return lease.ReservedFor is not { } host ? state : lease.State == "reserved" ? $"reserved for {host}" : $"{state}, reserved for {host}";
    }

    private static string SeenOf(LeaseModel lease) => lease.LastSeenSeconds is { } seconds ? $"{DurationText.Of(TimeSpan.FromSeconds(seconds))} ago" : "-";
}
