using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Tests.Cluster;

public sealed class LedgerMarkSpecs : IDisposable
{
    private static readonly LedgerIdentity Ledger = new(LedgerIdentity.Quorum, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-mark-");

    private LedgerMarkFile Disk => new(directory.FullName);

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void What_a_host_had_is_known_after_a_restart_and_that_it_lost_it_too()
    {
        var mark = Disk;
        Assert.Null(mark.Current);
        mark.Keep(Ledger);
        Assert.Equal(new LedgerMark(Ledger), Disk.Current);
        mark.Lose();
        Assert.Equal(new LedgerMark(Ledger, Lost: true), mark.Current);
        Assert.Equal(mark.Current, Disk.Current);
        mark.Keep(Ledger);
        Assert.Equal(new LedgerMark(Ledger), Disk.Current);
        Assert.Equal("quorum 00112233-4455-6677-8899-aabbccddeeff held\n", File.ReadAllText(mark.Path));
    }

    /// <summary>A damaged copy of a release that kept no mark.</summary>
    [Fact]
    public void A_loss_is_kept_also_where_nobody_knows_of_what()
    {
        Disk.Lose();
        Assert.Equal(new LedgerMark(new LedgerIdentity(LedgerIdentity.Quorum, null), Lost: true), Disk.Current);
    }

    [Theory]
    [InlineData("")]
    [InlineData("quorum")]
    [InlineData("sqlite 00112233-4455-6677-8899-aabbccddeeff held")]
    [InlineData("quorum 00112233 held")]
    [InlineData("quorum 00112233-4455-6677-8899-aabbccddeeff kept")]
    public void One_that_cannot_be_read_is_refused_and_kept(string text)
    {
        File.WriteAllText(Disk.Path, text);
        Assert.Contains(Disk.Path, Assert.Throws<InvalidDataException>(() => Disk.Current).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Disk.Keep(Ledger));
        Assert.Equal(text, File.ReadAllText(Disk.Path));
    }

    [Fact]
    public void Only_what_is_known_of_both_can_differ()
    {
        var other = Ledger with { Id = Guid.NewGuid() };
        Assert.True(LedgerIdentity.Differ(Ledger, other));
        Assert.True(LedgerIdentity.Differ(Ledger, new LedgerIdentity(LedgerIdentity.Sqlite, null)));
        Assert.False(LedgerIdentity.Differ(Ledger, Ledger with { Id = null }));
        Assert.False(LedgerIdentity.Differ(Ledger, null));
    }
}
