using AkkaOverlay.Actors.Cluster.Forming;

namespace AkkaOverlay.Actors.Tests.Cluster.Forming;

public sealed class ClusterFilesSpecs : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-files-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void The_id_is_kept()
    {
        Assert.Null(Files().LoadId());
        var id = Guid.NewGuid();
        Files().SaveId(id);
        Assert.Equal(id, Files().LoadId());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("0f8fad5b-d9cb-469f-a165")]
    [InlineData("{0f8fad5b-d9cb-469f-a165-70867728950e}")]
    public void An_id_that_cannot_be_read_is_refused_and_kept(string text)
    {
        string file = Path.Combine(directory.FullName, "cluster-id");
        File.WriteAllText(file, text);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => Files().LoadId()).Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    public void A_vote_outlives_the_process_and_not_the_boot()
    {
        var vote = new SeatVote("akka.tcp://overlay@192.168.7.1:4053", TimeSpan.FromMilliseconds(123_456));
        Files().SaveVote(vote);
        Assert.Equal(vote, Files().LoadVote(TimeSpan.FromSeconds(500)));
        Assert.Null(Files("another").LoadVote(TimeSpan.FromSeconds(500)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b c")]
    [InlineData("a 5 boot d")]
    public void A_vote_that_cannot_be_read_binds_as_if_given_now(string text)
    {
        File.WriteAllText(Path.Combine(directory.FullName, "cluster-vote"), text);
        Assert.Equal(new SeatVote("", TimeSpan.FromSeconds(5)), Files().LoadVote(TimeSpan.FromSeconds(5)));
    }

    private ClusterFiles Files(string boot = "boot") => new(directory.FullName, boot);
}
