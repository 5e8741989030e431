using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>A core of three with plain hosts, real actor systems over TCP: forming, falling, coming back.</summary>
public sealed class CoreSpecs(ITestOutputHelper output) : IDisposable
{
    private readonly OverlayLab lab = new(core: 3);

    public void Dispose() => lab.Dispose();

    [Fact]
    public void Three_core_hosts_and_two_plain_ones_form_one_cluster()
    {
        for (int number = 5; number >= 1; number--)
            lab.Start(number);
        output.WriteLine($"measured: 3 core hosts and 2 plain ones in one cluster {lab.AwaitTogether([1, 2, 3, 4, 5]).TotalSeconds:0.0} s after the last start");
        lab.Await(() => lab.IdOf(1) is { } id && lab.IdOf(2) == id && lab.IdOf(3) == id);
        Assert.Null(lab.IdOf(4));
    }

    [Fact]
    public void Founding_waits_for_the_lowest_and_forming_again_does_not()
    {
        lab.Start(2);
        lab.Start(3);
        Thread.Sleep(TimeSpan.FromSeconds(6));
        Assert.All([2, 3], number => Assert.Empty(lab.Cluster(number).State.Members));
        Assert.Contains("all seeds must be there", lab.System(2)!.Formation.WaitsFor, StringComparison.Ordinal);
        lab.Start(1);
        lab.AwaitTogether([1, 2, 3]);
        lab.Await(() => lab.IdOf(1) is { } id && lab.IdOf(2) == id && lab.IdOf(3) == id);
        var before = lab.IdOf(1);

        // Power loss of all; the lowest does not come back.
        foreach (int number in (int[])[1, 2, 3])
            lab.Kill(number);
        lab.Start(2);
        Thread.Sleep(TimeSpan.FromSeconds(5));
        Assert.Empty(lab.Cluster(2).State.Members);
        lab.Start(3);
        output.WriteLine($"measured: formed again by a majority {lab.AwaitTogether([2, 3]).TotalSeconds:0.0} s after it was there");

        // A seat that lost its disk is no voter, but comes in, and learns the id.
        File.Delete(Path.Combine(lab.StateOf(1), "cluster-id"));
        lab.Start(1);
        output.WriteLine($"measured: a seat that was wiped is in after {lab.AwaitTogether([1, 2, 3]).TotalSeconds:0.0} s");
        lab.Await(() => lab.IdOf(1) == before);
        Assert.Equal(before, lab.IdOf(2));
    }

    [Fact]
    public void The_allocators_host_falls_and_another_one_takes_over()
    {
        Begin(1, 2, 3, 4);
        int allocator = 0;
        lab.Await(() => (allocator = lab.Allocator()) != 0);
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} host{allocator}, the allocator's, is killed");
        lab.Kill(allocator);
        var rest = ((int[])[1, 2, 3, 4]).Where(number => number != allocator).ToArray();
        var elsewhere = lab.Await(() => lab.Allocator() is var now && now != 0 && now != allocator);
        output.WriteLine($"measured: the allocator is on another host {elsewhere.TotalSeconds:0.0} s after its host was killed");
        lab.AwaitTogether(rest);
        foreach (string line in lab.Log.Where(line => line.Contains("reached", StringComparison.Ordinal) || line.Contains("put out", StringComparison.Ordinal)
            || line.Contains("is gone", StringComparison.Ordinal) || line.Contains("Singleton manager started", StringComparison.Ordinal)))
            output.WriteLine(line);
        Assert.DoesNotContain(lab.Log, line => line.Contains("takes itself out", StringComparison.Ordinal));

        lab.Start(allocator);
        output.WriteLine($"measured: the killed core host is a member again {lab.AwaitTogether([1, 2, 3, 4]).TotalSeconds:0.0} s after its start");
        Assert.True(elsewhere < TimeSpan.FromSeconds(20), $"took {elsewhere}");
    }

    [Fact]
    public void A_core_host_killed_and_started_at_once_is_a_member_again()
    {
        Begin(1, 2, 3);
        lab.Kill(2);
        lab.Start(2);
        output.WriteLine($"measured: a core host killed and started at once is a member again after {lab.AwaitTogether([1, 2, 3]).TotalSeconds:0.0} s");
    }

    [Fact]
    public void Two_of_three_fall_and_the_third_gives_up_until_one_is_back()
    {
        Begin(1, 2, 3, 4);
        lab.Kill(1);
        lab.Kill(3);
        var gaveUp = lab.Await(() => lab.Log.Any(line => line.Contains("host2 Warning: This host takes itself out", StringComparison.Ordinal)));
        output.WriteLine($"measured: a core host without a majority is out after {gaveUp.TotalSeconds:0.0} s");
        lab.Await(() => lab.System(2)?.Formation.WaitsFor?.Contains("must be there to form it again", StringComparison.Ordinal) == true);
        lab.Start(3);
        output.WriteLine($"measured: the plain host is in the re-formed cluster {lab.AwaitTogether([2, 3, 4]).TotalSeconds:0.0} s after the majority was back");
    }

    [Fact]
    public void Plain_hosts_gone_by_the_dozen_change_nothing_for_the_others()
    {
        int[] doomed = [.. Enumerable.Range(10, 12)];
        Begin([1, 2, 3, 4, .. doomed]);
        int allocator = lab.Allocator();
        // Whoever decides about downing comes back after a failure of its own.
        foreach (int number in (int[])[1, 2, 3])
            lab.Cluster(number).System.ActorSelection("/system/cluster/core/daemon/downingProvider/core").Tell(Kill.Instance);
        lab.Kill(doomed);
        lab.Start(5);
        output.WriteLine($"measured: {doomed.Length} plain hosts gone at once are out, and a new one is in, after {lab.AwaitTogether([1, 2, 3, 4, 5]).TotalSeconds:0.0} s");
        Assert.Equal(allocator, lab.Allocator());
        Assert.DoesNotContain(lab.Log, line => line.Contains("out of the cluster; joining again", StringComparison.Ordinal));
    }

    [Fact]
    public void Seed_lists_that_differ_do_not_found_and_both_are_named()
    {
        lab.Start(1);
        lab.Start(2);
        lab.Start(3, seeds: [1, 3, 9]);
        lab.Await(() => lab.Log.Any(line => line.Contains("No cluster is formed: the seed lists differ", StringComparison.Ordinal)));
        string line = lab.Log.First(line => line.Contains("the seed lists differ", StringComparison.Ordinal));
        output.WriteLine(line);
        Assert.Contains(lab.Akka(1).Split('@')[1], line, StringComparison.Ordinal);
        Assert.Contains(lab.Akka(3).Split('@')[1], line, StringComparison.Ordinal);
        Assert.Contains(lab.Akka(9).Split('@')[1], line, StringComparison.Ordinal);
        Thread.Sleep(TimeSpan.FromSeconds(3));
        Assert.All([1, 2, 3], number => Assert.Empty(lab.Cluster(number).State.Members));
    }

    [Fact]
    public void Hosts_with_different_ledgers_never_join_each_other_and_both_are_named()
    {
        lab.Ledgers[1] = lab.Ledgers[2] = lab.Ledgers[3] = new LedgerIdentity(LedgerIdentity.Quorum, Guid.NewGuid());
        Begin(1, 2, 3);
        lab.Kill(3);
        lab.Ledgers[3] = new LedgerIdentity(LedgerIdentity.Sqlite, null);
        lab.Start(3);
        string[] ports = [.. ((int[])[1, 2, 3]).Select(number => lab.Akka(number).Split('@')[1])];
        lab.Await(() => lab.Log.Any(line => line.Contains($"host3 Error: No cluster is formed: the ledgers differ: {ports[2]} has --journal sqlite, {ports[0]} has --journal quorum", StringComparison.Ordinal)));
        lab.Await(() => lab.Log.Any(line => line.Contains($"host1 Error: the ledgers differ: {ports[0]} has --journal quorum (ledger {lab.Ledgers[1].Id}), {ports[2]} has --journal sqlite", StringComparison.Ordinal)));
        Thread.Sleep(TimeSpan.FromSeconds(3));
        Assert.Empty(lab.Cluster(3).State.Members);

        // The others go on without it: one comes back, and both form again.
        lab.Kill(2);
        lab.Start(2);
        lab.AwaitTogether([1, 2]);
        lab.Kill(1, 2);
        lab.Start(1);
        lab.Start(2);
        lab.AwaitTogether([1, 2]);
    }

    /// <summary>Its database was away when it joined, and so was nobody's to compare.</summary>
    [Fact]
    public void A_host_that_finds_out_later_that_its_ledger_is_another_one_leaves()
    {
        var (mine, theirs) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (int number in (int[])[1, 2, 3])
            lab.Ledgers[number] = new LedgerIdentity(LedgerIdentity.Postgres, null);
        Begin(1, 2, 3);
        lab.Ledgers[1] = lab.Ledgers[2] = new LedgerIdentity(LedgerIdentity.Postgres, theirs);
        lab.Ledgers[3] = new LedgerIdentity(LedgerIdentity.Postgres, mine);
        output.WriteLine($"measured: it is out after {lab.AwaitTogether([1, 2]).TotalSeconds:0.0} s");
        lab.Await(() => lab.System(3)?.Formation.WaitsFor?.Contains($"(ledger {theirs})", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(lab.Log, line => line.Contains("host1 Warning: This node is out", StringComparison.Ordinal) || line.Contains("host2 Warning: This node is out", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_set_aside_when_a_later_life_begins_is_said()
    {
        Begin(1, 2, 3);
        lab.Mended[2] = "kept as seat.db.broken-1";
        lab.Cluster(2).Down(lab.Cluster(2).SelfAddress);
        lab.Await(() => lab.Log.Any(line => line.Contains("host2 Warning: kept as seat.db.broken-1", StringComparison.Ordinal)));
    }

    [Fact]
    public void With_bootstrap_a_majority_founds()
    {
        lab.Start(2);
        lab.Start(3, bootstrap: true);
        lab.AwaitTogether([2, 3]);
        lab.Await(() => lab.IdOf(2) is { } id && lab.IdOf(3) == id);
    }

    [Fact]
    public void Clusters_of_different_ids_never_join_and_it_is_said()
    {
        Begin(1, 2, 3);
        lab.Kill(3);
        File.WriteAllText(Path.Combine(lab.StateOf(3), "cluster-id"), $"{Guid.NewGuid()}\n");
        lab.Start(3);
        lab.Await(() => lab.Log.Any(line => line.Contains("is of another cluster", StringComparison.Ordinal)));
        Thread.Sleep(TimeSpan.FromSeconds(3));
        Assert.Empty(lab.Cluster(3).State.Members);
    }

    private void Begin(params int[] hosts)
    {
        foreach (int number in hosts)
            lab.Start(number);
        lab.AwaitTogether(hosts, 120);
        lab.Await(() => Enumerable.Range(1, lab.Core).All(number => lab.IdOf(number) is not null));
    }
}
