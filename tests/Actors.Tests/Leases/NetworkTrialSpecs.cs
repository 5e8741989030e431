using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Leases;

/// <summary>A configuration that replaces another in the ledger: on trial, then kept or taken back.</summary>
public sealed class NetworkTrialSpecs
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
    private static readonly NetworkConfig First = SmallNetworks.IPv4(5);
    private static readonly NetworkConfig Second = First with { BackEnd = new VxlanConfig { Mtu = 1400 } };

    private readonly LeaseTableDriver driver = new(First);

    [Fact]
    public void It_is_on_trial_until_it_is_kept()
    {
        Assert.IsType<LeaseReply.Done>(Set(1, Second));
        Assert.Equal((2, Second), (driver.Table.NetworkVersion, driver.Table.Network));
        Assert.Equal(new NetworkStanding(At, new NetworkTrial(new(1, First), Length), null), driver.Table.Standing);
        driver.Run(new LeaseCommand.KeepNetwork(2));
        Assert.Equal((2, Second, new NetworkStanding(At, null, null)), (driver.Table.NetworkVersion, driver.Table.Network!, driver.Table.Standing));
        Assert.Equal(3, driver.Journal.Count);
    }

    [Fact]
    public void Taken_back_the_former_is_the_next_version_with_the_reason()
    {
        Set(1, Second);
        driver.Run(new LeaseCommand.TakeBackNetwork(2, "h1: dead", At.AddSeconds(9)));
        Assert.Equal((3, First, new NetworkStanding(At.AddSeconds(9), null, "h1: dead")), (driver.Table.NetworkVersion, driver.Table.Network!, driver.Table.Standing));
    }

    [Fact]
    public void What_was_compared_with_another_version_is_refused_and_so_is_a_second_one_during_a_trial()
    {
        Assert.StartsWith("the network's configuration is version 1 by now, and what you ask for was compared with version 7", Refused(7, Second), StringComparison.Ordinal);
        Set(1, Second);
        Assert.StartsWith("version 2 of the network's configuration is on trial", Refused(2, First), StringComparison.Ordinal);
        Assert.StartsWith("the network's configuration is version 2", Refused(1, First), StringComparison.Ordinal);
        Assert.Equal(2, driver.Table.NetworkVersion);
    }

    [Fact]
    public void What_is_so_already_is_no_new_version()
    {
        Assert.IsType<LeaseReply.Done>(Set(1, First));
        Assert.Single(driver.Journal);
    }

    [Fact]
    public void A_verdict_about_another_version_than_the_one_on_trial_changes_nothing()
    {
        Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.KeepNetwork(1)).Reply);
        Set(1, Second);
        Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.KeepNetwork(1)).Reply);
        Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.TakeBackNetwork(1, "", At)).Reply);
        driver.Run(new LeaseCommand.KeepNetwork(2));
        Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.TakeBackNetwork(2, "", At)).Reply);
        Assert.Equal(2, driver.Table.NetworkVersion);
    }

    /// <summary>A host that got a subnet of the new range only would be outside when it is taken back.</summary>
    [Fact]
    public void While_another_range_is_on_trial_nobody_is_given_a_subnet()
    {
        driver.Grant(1);
        var wider = SmallNetworks.IPv4(9);
        Set(1, wider);
        Assert.StartsWith("another address range is on trial", Assert.IsType<LeaseReply.Refused>(driver.Run(Samples.Claim(2)).Reply).Text, StringComparison.Ordinal);
        Assert.IsType<LeaseReply.Refused>(driver.Run(new LeaseCommand.Reserve(IpPrefix.Parse("10.9.0.112/28"), "h9")).Reply);
        // Who has one goes on.
        driver.Grant(1);
        driver.Run(new LeaseCommand.KeepNetwork(2));
        driver.Grant(2);
    }

    [Fact]
    public void While_something_else_is_on_trial_everybody_is()
    {
        Set(1, Second);
        driver.Grant(2);
        Assert.Null(driver.Table.Compare(First).Refusal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_snapshot_and_the_journal_say_the_same_of_a_trial(bool set, bool takenBack)
    {
        driver.Grant(1);
        if (set)
            Set(1, Second);
        if (takenBack)
            driver.Run(new LeaseCommand.TakeBackNetwork(2, "why", At));
        var replayed = driver.Journal.Aggregate(LeaseTable.Empty, (table, happened) => table.Apply(happened));
        Assert.Equal(driver.Table.Standing, replayed.Standing);
        Assert.Equal(driver.Table.Standing, LeaseTable.From(driver.Table.ToSnapshot()).Standing);
    }

    /// <summary>A release that knows nothing of trials sees configurations, each with its version.</summary>
    [Fact]
    public void Without_the_notes_the_ledger_comes_to_the_same_configuration()
    {
        Set(1, Second);
        driver.Run(new LeaseCommand.KeepNetwork(2));
        Set(2, First);
        driver.Run(new LeaseCommand.TakeBackNetwork(3, "why", At));
        var old = driver.Journal.Select(happened => happened is LeaseEvent.NetworkSet set ? set with { Note = null } : happened).Aggregate(LeaseTable.Empty, (table, happened) => table.Apply(happened));
        Assert.Equal((driver.Table.NetworkVersion, driver.Table.Network, driver.Table.Revision), (old.NetworkVersion, old.Network, old.Revision));
        Assert.Equal(NetworkStanding.Plain, old.Standing);
    }

    private LeaseReply Set(long compared, NetworkConfig config) => driver.Run(new LeaseCommand.SetNetwork(compared, config, Length, At)).Reply;

    private string Refused(long compared, NetworkConfig config) => Assert.IsType<LeaseReply.Refused>(Set(compared, config)).Text;
}
