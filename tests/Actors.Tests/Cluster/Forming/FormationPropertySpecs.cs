using AkkaOverlay.Actors.Cluster.Forming;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster.Forming;

public class FormationPropertySpecs(ITestOutputHelper output)
{
    private const int Runs = 400;

    [Fact]
    public void Of_two_seats_that_form_the_second_had_time_to_hear_of_the_first()
    {
        int formed = 0;
        for (int seed = 0; seed < Runs; seed++)
        {
            var simulation = new FormationSimulation(seed, Planted.None);
            simulation.Run(300);
            formed += simulation.Formed.Count;
            Assert.True(TooClose(simulation) is null, $"seed {seed}: {TooClose(simulation)}");
        }
        output.WriteLine($"measured: {Runs} schedules, {formed} clusters formed, no two too close");
        Assert.True(formed > Runs, $"only {formed} formed: the schedules show nothing");
    }

    [Theory]
    [InlineData(nameof(Planted.ForgetsVote))]
    [InlineData(nameof(Planted.VotesTwice))]
    public void A_seat_that_breaks_the_rule_is_caught(string bug)
    {
        int caught = Enumerable.Range(0, Runs).Count(seed =>
        {
            var simulation = new FormationSimulation(seed, Enum.Parse<Planted>(bug));
            simulation.Run(300);
            return TooClose(simulation) is not null;
        });
        output.WriteLine($"measured: {bug} caught in {caught} of {Runs} schedules");
        Assert.True(caught > 0);
    }

    /// <summary>Two different founders, nearer to each other than the vote that both needed allows: the second would not have heard of the first.</summary>
    private static string? TooClose(FormationSimulation simulation)
    {
        var apart = Formation.Margin;
        return simulation.Formed
            .SelectMany(one => simulation.Formed.Where(other => other.Seat != one.Seat && other.At >= one.At && other.At - one.At < apart).Select(other => $"{one} and {other}"))
            .FirstOrDefault();
    }
}
