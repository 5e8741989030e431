using Akka.Actor;
using AkkaOverlay.Actors.SubnetAllocator;
using Xunit.Abstractions;
using static AkkaOverlay.Actors.Tests.QuorumJournal.QuorumCores;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>Three actor systems with a seat each, real remoting, real files; the test itself says where the allocator runs.</summary>
public sealed class QuorumLedgerSpecs(ITestOutputHelper output) : IDisposable
{
    private readonly QuorumCores cores = new();

    public void Dispose() => cores.Dispose();

    [Fact]
    public async Task Leases_go_on_wherever_the_allocator_runs_and_whichever_seat_is_down()
    {
        cores.StartAll();
        var allocator = cores.StartAllocator(0);
        var first = await Claim(allocator, 1);
        Assert.Equal("10.244.1.0/24", first.Subnets.ToString());
        long began = TimeProvider.System.GetTimestamp();
        for (int node = 2; node <= 51; node++)
            await Claim(allocator, node);
        output.WriteLine($"measured: 50 claims one after another on three seats in one process: {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds / 50:0.0} ms each");

        // Its host dies with its disk's last word unsaid.
        await cores.Kill(0);
        began = TimeProvider.System.GetTimestamp();
        allocator = cores.StartAllocator(1);
        Assert.Equal(first, await Claim(allocator, 1));
        output.WriteLine($"measured: another allocator opens the ledger and answers after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
        Assert.Equal("10.244.52.0/24", (await Claim(allocator, 52)).Subnets.ToString());

        // The dead one comes back, another one dies: the majority is a different one.
        cores.Start(0);
        await cores.SeatsAll(1, seat => seat.LastSeq == 53);
        await cores.Kill(2);
        Assert.Equal("10.244.53.0/24", (await Claim(allocator, 53)).Subnets.ToString());
        await Stop(allocator);
        Assert.Equal("10.244.53.0/24", (await Claim(cores.StartAllocator(0), 53)).Subnets.ToString());
    }

    [Fact]
    public async Task A_second_allocator_takes_over_and_the_first_one_answers_nobody_any_more()
    {
        cores.StartAll();
        var first = cores.StartAllocator(0, backOff: false);
        await Claim(first, 1);
        var second = cores.StartAllocator(1);
        await Claim(second, 2);
        await Assert.ThrowsAsync<AskTimeoutException>(() => first.Ask<LeaseProtocol.Granted>(ClaimOf(3), TimeSpan.FromSeconds(3)));
        Assert.Equal("10.244.3.0/24", (await Claim(second, 3)).Subnets.ToString());
    }

    [Fact]
    public async Task A_seat_that_lost_its_disk_is_enrolled_by_the_others()
    {
        cores.StartAll();
        var allocator = cores.StartAllocator(0);
        await Claim(allocator, 1);
        await cores.Kill(2);
        foreach (string file in Directory.GetFiles(cores.StateOf(2), "seat.db*"))
            File.Delete(file);
        await Claim(allocator, 2);
        cores.Start(2);
        await cores.SeatsAll(0, seat => seat is { Counted: true, LastSeq: 3 });
        await cores.Kill(1);
        await Claim(allocator, 3);
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_granted_and_with_it_again()
    {
        cores.StartAll();
        var allocator = cores.StartAllocator(0);
        await Claim(allocator, 1);
        await cores.Kill(1);
        await cores.Kill(2);
        await Assert.ThrowsAsync<AskTimeoutException>(() => allocator.Ask<LeaseProtocol.Granted>(ClaimOf(2), TimeSpan.FromSeconds(7)));
        cores.Start(1);
        Assert.Equal("10.244.2.0/24", (await Claim(allocator, 2)).Subnets.ToString());
    }
}
