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
            Assert.True(TooFew(simulation) is null, $"seed {seed}: {TooFew(simulation)}");
        }
        output.WriteLine($"measured: {Runs} schedules, {formed} clusters formed, no two too close");
        Assert.True(formed > Runs, $"only {formed} formed: the schedules show nothing");
    }

    /// <summary>However many of them know the cluster: a founder that fell early shuts out nobody.</summary>
    [Fact]
    public void Where_all_are_there_and_nothing_is_wrong_exactly_one_forms_at_once()
    {
        int mixed = 0;
        for (int seed = 0; seed < Runs; seed++)
        {
            var simulation = new FormationSimulation(seed, Planted.None) { Calm = true };
            simulation.Run(50);
            mixed += simulation.IsMixed ? 1 : 0;
            Assert.True(simulation.Formed.Count == 1, $"seed {seed}: {simulation.Formed.Count} formed");
        }
        output.WriteLine($"measured: {mixed} of {Runs} with a minority that knows the cluster");
        Assert.True(mixed > Runs / 10);
    }

    [Theory]
    [InlineData(nameof(Planted.ForgetsVote))]
    [InlineData(nameof(Planted.VotesTwice))]
    [InlineData(nameof(Planted.BlankMajority))]
    public void A_seat_that_breaks_the_rule_is_caught(string bug)
    {
        int caught = Enumerable.Range(0, Runs).Count(seed =>
        {
            var simulation = new FormationSimulation(seed, Enum.Parse<Planted>(bug));
            simulation.Run(300);
            return (TooClose(simulation) ?? TooFew(simulation)) is not null;
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

    /// <summary>Formed with seats that do not know the cluster, and not with all: the rest may be the cluster.</summary>
    private static string? TooFew(FormationSimulation simulation) =>
        simulation.IsMixed && simulation.Votes.Exists(votes => votes < simulation.Seats) ? $"formed with {simulation.Votes.Min()} of {simulation.Seats} votes" : null;
}
