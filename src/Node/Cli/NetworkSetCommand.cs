using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>network set FILE</c>: says what changes on how many hosts, asks, stores it, and waits until it is known whether it stays.</summary>
internal static class NetworkSetCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A net-conf.json." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would change." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var timeout = new Option<string>("--timeout") { Description = "How long to wait until it is known whether it stays.", HelpName = "TIME", DefaultValueFactory = _ => "30s" };
        var json = new Option<bool>("--json") { Description = "The answer as JSON." };
        var runDirectory = Output.RunDirectory();
        var command = new Command("set", "Change the network's configuration while hosts run. It is on trial at first, and taken back by itself where packets do not pass between hosts any more.")
        {
            file, dryRun, yes, timeout, Output.Network, runDirectory, json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            string typed = parsed.GetValue(timeout)!;
            var patience = Duration.Parse(typed) is { } time && time <= TimeSpan.FromHours(1) ? time : throw new UsageException($"--timeout '{typed}': not a duration such as 30s or 2m, an hour at most");
            var network = NetConfFile.Load(parsed.GetValue(file)!, out var warnings);
            foreach (string warning in warnings)
                Console.Error.WriteLine($"akka-overlay: warning: {warning}");
            if (!parsed.GetValue(dryRun) && !parsed.GetValue(yes) && (Console.IsInputRedirected || Console.IsErrorRedirected))
                throw new UsageException("no terminal to ask at: --yes does it without asking, --dry-run only says what would change");
            using var client = Output.Client(parsed.GetValue(runDirectory)!, TimeSpan.FromSeconds(15));
            var answer = await Run(client, NetConf.ToFlannelJson(network), parsed.GetValue(dryRun), parsed.GetValue(yes), patience, parsed.GetValue(json), cancel);
            if (answer is null)
                return 1;
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(answer, ApiJson.Default.NetworkSetModel));
            else
                Show(answer, patience);
            return answer.Result is "taken back" or "on trial" ? 1 : 0;
        });
        return command;
    }

    /// <returns>Null where the operator said no.</returns>
    private static async Task<NetworkSetModel?> Run(ApiClient client, string netConf, bool dryRun, bool yes, TimeSpan patience, bool json, CancellationToken cancel)
    {
        var before = await client.NetworkAsync(cancel);
        var change = await client.SetNetworkAsync(netConf, before.Version, dryRun: true, cancel);
        if (!json)
            Show(change);
        if (change.Changes.Count == 0)
            return new NetworkSetModel("unchanged", change, null);
        if (dryRun)
            return new NetworkSetModel("dry run", change, null);
        if (!yes && !Ask())
            return null;
        var stored = await client.SetNetworkAsync(netConf, before.Version, dryRun: false, cancel);
        if (!stored.Stored)
            return new NetworkSetModel("unchanged", stored, null);
        if (!json)
            Console.WriteLine($"Version {stored.Version} is on trial.");
        return await Follow(client, stored, patience, json, cancel);
    }

    private static bool Ask()
    {
        Console.Error.Write("Go on? [y/N] ");
        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    /// <summary>Until the trial is over and, where it is kept, everybody has it; the allocator's host may change meanwhile.</summary>
    private static async Task<NetworkSetModel> Follow(ApiClient client, NetworkChangeModel stored, TimeSpan patience, bool quiet, CancellationToken cancel)
    {
        NetworkModel? network = null;
        string said = "";
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < patience; await Task.Delay(Pause, cancel))
        {
            try
            {
                network = await client.NetworkAsync(cancel);
            }
            catch (ApiException)
            {
                continue;
            }
            if (network.Note is not null || network.Version < stored.Version)
                continue;
            if (network.Version > stored.Version)
                return new NetworkSetModel("taken back", stored, network);
            if (network.State == "in use")
                return new NetworkSetModel("kept", stored, network);
            string now = $"  {network.Applied ?? 0} of {network.Hosts} hosts have it and packets pass";
            if (!quiet && now != said)
                Console.WriteLine(now);
            said = now;
        }
        return new NetworkSetModel("on trial", stored, network);
    }

    private static void Show(NetworkChangeModel change)
    {
        if (change.Changes.Count == 0)
        {
            Console.WriteLine($"The ledger's configuration (version {change.Version}) means the same: nothing changes.");
            return;
        }
        Console.WriteLine($"Against version {change.Version}, on {change.Hosts} host{(change.Hosts == 1 ? "" : "s")}:");
        foreach (var field in change.Changes)
        {
            var line = new StringBuilder($"  {field.Field}: {field.Before} -> {field.After}");
            line.Append(field.Effect switch
            {
                "grants" => "; concerns subnets that are given out from now on",
                "in place" => "; changed in place, no packet is lost",
                _ => "",
            });
            if (field.Note.Length > 0)
                line.Append($"; {field.Note}");
            Console.WriteLine(line);
        }
    }

    private static void Show(NetworkSetModel answer, TimeSpan patience)
    {
        switch (answer)
        {
            case { Result: "dry run" }:
                Console.WriteLine("Nothing was changed (--dry-run).");
                break;
            case { Result: "kept", Network: { } network }:
                Console.WriteLine($"Kept: version {network.Version} is in use on {(network.Applied is { } applied ? $"{applied} of " : "")}{network.Hosts} hosts.");
                foreach (string host in network.Waiting)
                    Console.WriteLine($"  {host}");
                break;
            case { Result: "taken back", Network: { } network }:
                Console.Error.WriteLine($"akka-overlay: version {answer.Change.Version} was taken back ({network.TakenBack ?? "somebody set another one"}): version {network.Version} is in use");
                break;
            case { Result: "on trial" }:
                Console.Error.WriteLine($"akka-overlay: not known within {patience.TotalSeconds:0} s whether version {answer.Change.Version} stays: 'network show' says it");
                break;
        }
    }
}
