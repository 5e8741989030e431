using System.CommandLine;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Cli;

/// <summary><c>cluster seats</c>, <c>cluster seats set</c>, <c>cluster seats recover</c>: whose copies of the ledger count.</summary>
internal static class SeatCommands
{
    public static Command Create()
    {
        var seats = Output.Query("seats", "The seats of the ledger: whose copies count, and how far each has come.", (client, cancel) => client.SeatsAsync(cancel), ApiJson.Default.SeatsModel, Show);
        seats.Add(Set());
        seats.Add(Recover());
        return seats;
    }

    private static Command Set()
    {
        var runDirectory = Output.RunDirectory();
        var list = new Argument<string[]>("SEED")
        {
            Description = "The new seed list, each as HOST[:PORT], 1, 3 or 5; most of them must be seats already.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("set", "Change the seats of a running ledger. Give every host the new list as its --seed afterwards, one after another.") { list, Output.Network, runDirectory };
        command.SetAction(async (parsed, cancel) =>
        {
            var entries = parsed.GetValue(list)!.Select(text =>
                SeedEntry.Parse(text, OverlayAddress.DefaultPort) ?? throw new UsageException($"SEED '{text}': not HOST, HOST:PORT or [IPv6]:PORT")).ToList();
            var wanted = Preflight.Resolve(entries);
            using var client = Output.Client(parsed.GetValue(runDirectory)!);
            Show(await client.ChangeSeatsAsync([.. wanted.Seats], cancel));
            return 0;
        });
        return command;
    }

    private static Command Recover()
    {
        var runDirectory = Output.RunDirectory();
        var command = new Command(
            "recover",
            "Where a majority of the ledger's copies is lost for good: give them up. The latest copy that is left goes on, or a new ledger begins, and each host claims its own subnet again. Start every seed first, and never put a lost copy back.")
        {
            Output.Network, runDirectory,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = Output.Client(parsed.GetValue(runDirectory)!, TimeSpan.FromSeconds(40));
            Show(await client.RecoverSeatsAsync(cancel));
            return 0;
        });
        return command;
    }

    private static void Show(SeatsModel seats)
    {
        foreach (var seat in seats.Seats)
        {
            string state = !seat.Counted ? "not counted yet (another disk than the enrolled one)" : seat.LastSeq is { } last ? $"entry {last}" : "away";
            Console.WriteLine($"{seat.Seat} | {state}");
        }
        Console.WriteLine($"The ledger has {seats.LastSeq} entries; {(seats.Seats.Count / 2) + 1} of {seats.Seats.Count} seats decide.");
    }
}
