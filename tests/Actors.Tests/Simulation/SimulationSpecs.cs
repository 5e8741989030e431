using AkkaOverlay.Simulation.Plan;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Simulation;

/// <summary>The ledger under everything that can go wrong at once; any number of seeds: <c>dotnet run --project tests/Simulation -c Release -- --seeds N</c>.</summary>
public sealed class SimulationSpecs(ITestOutputHelper output)
{
    private const int MostSeedsForABug = 3000;

    private static readonly Settings Usual = new(0, Bug.None, 0, Settings.UsualChaos, Loss.None);

    public static TheoryData<string> Bugs => [.. Enum.GetNames<Bug>().Where(name => name != nameof(Bug.None))];

    [Fact]
    public void Whatever_goes_wrong_no_lease_is_lost_and_none_overlap()
    {
        var campaign = Campaign.Run(Usual, 1, 250, stopAtUnsafe: false);
        output.WriteLine($"measured: simulation: {campaign}");
        Assert.True(campaign.Violations.Count == 0, string.Join("\n", campaign.Violations.Take(3).Select(Campaign.Describe)));
        Assert.True(campaign.Stats.Operations > 100_000 && campaign.Stats is { RosterChanges: > 50, Wipes: > 500, Fencings: > 500, Snapshots: > 100, Pieces: > 5000 });
        Assert.True(campaign.Stats is { Departures: > 200, Deaths: > 100, Expiries: > 100, Reclaims: > 5, Refusals: > 50 });
    }

    [Fact]
    public void With_a_majority_of_the_disks_lost_the_ledger_stays_closed()
    {
        var campaign = Campaign.Run(Usual with { Loss = Loss.Majority, Chaos = TimeSpan.FromSeconds(30) }, 1, 100, stopAtUnsafe: false);
        output.WriteLine($"measured: simulation, a majority of the disks lost: {campaign}");
        Assert.True(campaign.Violations.Count == 0, string.Join("\n", campaign.Violations.Take(3).Select(Campaign.Describe)));
    }

    /// <summary>Hosts remember that they had a ledger: without an operator's word no other one begins.</summary>
    [Theory]
    [InlineData(nameof(Loss.All))]
    [InlineData(nameof(Loss.AllAndTold))]
    public void With_all_disks_lost_a_ledger_that_is_founded_anew_is_one_like_any_other(string loss)
    {
        var campaign = Campaign.Run(Usual with { Loss = Enum.Parse<Loss>(loss), Chaos = TimeSpan.FromSeconds(30) }, 1, 50, stopAtUnsafe: false);
        output.WriteLine($"measured: simulation, disks lost: {loss}: {campaign}");
        Assert.True(campaign.Violations.Count == 0, string.Join("\n", campaign.Violations.Take(3).Select(Campaign.Describe)));
        if (loss == nameof(Loss.All))
            Assert.Equal(0, campaign.Stats.FoundedAnew);
        else
            Assert.InRange(campaign.Stats.FoundedAnew, 30, 50);
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void The_checker_sees_a_planted_mistake(string name)
    {
        var campaign = Campaign.Run(Usual with { Bug = Enum.Parse<Bug>(name) }, FirstSeed(name), MostSeedsForABug, stopAtUnsafe: true);
        var caught = campaign.Violations.FirstOrDefault(outcome => outcome.Unsafe);
        output.WriteLine($"measured: simulation, planted {name}: {(caught is null ? "not caught" : "caught")} after {campaign.Seeds} seeds ({campaign.Wall.TotalSeconds:F1} s): {caught?.Violation}");
        Assert.NotNull(caught);
    }

    [Fact]
    public void A_seed_repeats_itself()
    {
        var settings = Usual with { Seed = 7, Chaos = TimeSpan.FromSeconds(20) };
        Assert.Equal(Trace(settings), Trace(settings));
    }

    /// <summary>Some mistakes need a rare schedule, one in some hundreds of seeds or in some thousands: a seed that has it is near here, to save a minute. Wherever one begins, they are found.</summary>
    private static ulong FirstSeed(string bug) => bug switch
    {
        nameof(Bug.RepeatedInstall) => 720,
        nameof(Bug.RosterWithoutFormer) => 1925,
        nameof(Bug.ClaimWhileReleasing) => 1005,
        _ => 1,
    };

    private static List<string> Trace(Settings settings)
    {
        var lines = new List<string>();
        Run.Of(settings, lines.Add);
        return lines;
    }
}
