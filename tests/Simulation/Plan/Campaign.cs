using System.Diagnostics;

namespace AkkaOverlay.Simulation.Plan;

/// <summary>Many seeds, on every processor.</summary>
internal sealed record Campaign(long Seeds, Stats Stats, IReadOnlyList<Outcome> Violations, TimeSpan Wall)
{
    public static Campaign Run(Settings settings, ulong first, int count, bool stopAtUnsafe)
    {
        var watch = Stopwatch.StartNew();
        var stats = new Stats();
        var violations = new List<Outcome>();
        long done = 0;
        var order = new Lock();
        Parallel.For(0, count, (i, loop) =>
        {
            var outcome = Plan.Run.Of(settings with { Seed = first + (ulong)i });
            lock (order)
            {
                done++;
                stats.Add(outcome.Stats);
                if (outcome.Violation is not null)
                    violations.Add(outcome);
            }
            if (outcome.Unsafe && stopAtUnsafe)
                loop.Stop();
        });
        return new Campaign(done, stats, [.. violations.OrderBy(outcome => outcome.Settings.Seed)], watch.Elapsed);
    }

    /// <summary>The violation and the command that shows it again, with as few hosts as still show one.</summary>
    public static string Describe(Outcome failed)
    {
        var smallest = failed;
        foreach (int hosts in new[] { 2, 4, 8 })
        {
            var outcome = Plan.Run.Of(failed.Settings with { Hosts = hosts });
            if (outcome.Violation is null)
                continue;
            smallest = outcome;
            break;
        }
        return $"seed {failed.Settings.Seed}: {failed.Violation}\n  again: {Command(failed)}"
            + (smallest == failed ? "" : $"\n  smaller: {Command(smallest)}\n    {smallest.Violation}");
    }

    public override string ToString() => $"{Seeds} seeds, {Stats}, {Wall.TotalSeconds:F1} s of wall time, {Violations.Count} violations";

    private static string Command(Outcome outcome)
    {
        var (seed, bug, hosts, chaos, loss) = outcome.Settings;
        return $"dotnet run --project tests/Simulation -c Release -- --seed {seed} --trace"
            + (bug == Bug.None ? "" : $" --bug {bug}")
            + (hosts == 0 ? "" : $" --hosts {hosts}")
            + (chaos == Settings.UsualChaos ? "" : $" --chaos {chaos.TotalSeconds}")
            + (loss == Loss.None ? "" : $" --lose {loss}");
    }
}
