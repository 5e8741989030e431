using AkkaOverlay.Actors.Cluster.Forming;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster.Forming;

public class FormationPropertySpecs(ITestOutputHelper output)
{
    private const int Runs = 400;

    [Fact]
    public void Two_seats_never_form_within_the_time_that_votes_hold()
    {
        int formed = 0;
        for (int seed = 0; seed < Runs; seed++)
        {
            var simulation = new FormationSimulation(seed, votesAreKept: true);
            simulation.Run(300);
            formed += simulation.Formed.Count;
            Assert.True(TooClose(simulation) is null, $"seed {seed}: {TooClose(simulation)}");
        }
        output.WriteLine($"measured: {Runs} schedules, {formed} clusters formed, no two too close");
        Assert.True(formed > Runs / 2, $"only {formed} formed: the schedules show nothing");
    }

    [Fact]
    public void A_seat_that_forgets_its_vote_is_caught()
    {
        int caught = Enumerable.Range(0, Runs).Count(seed =>
        {
            var simulation = new FormationSimulation(seed, votesAreKept: false);
            simulation.Run(300);
            return TooClose(simulation) is not null;
        });
        output.WriteLine($"measured: caught in {caught} of {Runs} schedules");
        Assert.True(caught > 0);
    }

    /// <summary>Two different founders, nearer to each other than a vote that both would have needed allows.</summary>
    private static string? TooClose(FormationSimulation simulation)
    {
        var apart = Formation.Margin;
        return simulation.Formed
            .SelectMany(one => simulation.Formed.Where(other => other.Seat != one.Seat && other.At >= one.At && other.At - one.At < apart).Select(other => $"{one} and {other}"))
            .FirstOrDefault();
    }
}
