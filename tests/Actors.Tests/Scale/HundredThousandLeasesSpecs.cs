using System.Diagnostics;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.SubnetAllocator;
using AkkaOverlay.Actors.Wire;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Scale;

/// <summary>A hundred times more hosts than were promised: nothing may grow faster than they do.</summary>
public sealed class HundredThousandLeasesSpecs(ITestOutputHelper output) : TestKit($"akka.loglevel = WARNING\n{TestJournal.Hocon}")
{
    private const int Leases = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly NetworkConfig Network = NetConf.Parse("""{ "Network": "10.0.0.0/8", "SubnetLen": 26 }""");

    [Fact]
    public void The_table_takes_claims_renewals_a_snapshot_and_its_recovery()
    {
        var table = LeaseTable.Empty.Apply(new LeaseEvent.NetworkSet(1, Network));
        // Set aside at the very place where the fresh ones are looked for.
        Measure("10,000 reservations", () =>
        {
            for (int i = 0; i < 10_000; i++)
                table = Run(table, new LeaseCommand.Reserve(Network.IPv4!.SubnetAt((uint)i), $"reserved{i}"));
        });
        Measure("100,000 claims", () =>
        {
            for (int node = 1; node <= Leases; node++)
                table = Run(table, Claim(node));
        });
        Assert.Equal(Leases, table.Leases.Count);
        Measure("100,000 renewals", () =>
        {
            for (int node = 1; node <= Leases; node++)
                Assert.Empty(table.Decide(Claim(node)).Events);
        });
        Measure("50,000 leases expire and end their quarantine", () =>
        {
            for (int node = 1; node <= Leases / 2; node++)
            {
                var lease = table.Leases[Samples.Node(node)];
                table = Run(table, new LeaseCommand.Expire(lease.Owner, lease.Generation));
                table = Run(table, new LeaseCommand.EndQuarantine(lease.Subnets.IPv4!.Value));
            }
        });
        var serializer = new OverlaySerializer((ExtendedActorSystem)Sys);
        byte[] bytes = [];
        Measure("snapshot written", () => bytes = serializer.ToBinary(table.ToSnapshot()));
        var again = LeaseTable.Empty;
        Measure($"snapshot of {bytes.Length / 1_000_000.0:0.0} MB read", () => again = LeaseTable.From((LedgerSnapshot)serializer.FromBinary(bytes, "js")));
        Assert.Equal(table.Decide(Claim(Leases + 1)).Reply, again.Decide(Claim(Leases + 1)).Reply);
    }

    [Fact]
    public void A_dry_pool_of_a_hundred_thousand_refuses_as_fast_as_a_small_one()
    {
        var table = LeaseTable.Empty.Apply(new LeaseEvent.NetworkSet(1, NetConf.Parse("""{ "Network": "10.0.0.0/8", "SubnetLen": 26, "SubnetMin": "10.0.0.64", "SubnetMax": "10.97.168.0" }""")));
        int held = (int)table.Network!.IPv4!.Count;
        Assert.InRange(held, 99_000, 101_000);
        for (int node = 1; node <= held; node++)
            table = Run(table, Claim(node));
        var presence = new Presence(new ManualTime(), LeaseTimes.Default);
        presence.Begin(table);
        Measure($"100,000 refusals by {held} leases", () =>
        {
            for (int node = 1; node <= Leases; node++)
            {
                Assert.IsType<LeaseReply.Refused>(table.Decide(Claim(held + node)).Reply);
                Assert.Null(presence.Reclaim(table, Samples.Node(held + node)));
            }
        });
    }

    [Fact]
    public void The_allocator_answers_a_hundred_thousand_claims_and_renewals()
    {
        var allocator = Sys.ActorOf(SubnetAllocatorActor.Props(Network, NoFence.Instance, mayForget: false));
        string fingerprint = NetConf.Fingerprint(Network);
        foreach (string what in (string[])["claims", "renewals"])
        {
            Measure($"the allocator answers 100,000 {what}", () =>
            {
                for (int node = 1; node <= Leases; node++)
                    allocator.Tell(new LeaseProtocol.Claim(Claim(node), fingerprint), TestActor);
                for (int node = 1; node <= Leases; node++)
                    ExpectMsg<LeaseProtocol.Granted>(Patience);
            });
        }
        Measure("every page of the list", () =>
        {
            AkkaOverlay.Kernel.Net.IpPrefix? after = null;
            int seen = 0;
            do
            {
                allocator.Tell(new LeaseProtocol.Describe(null, after), TestActor);
                var page = ExpectMsg<LeaseProtocol.Described>(Patience);
                seen += page.Leases.Count;
                after = page.Next;
            }
            while (after is not null);
            Assert.Equal(Leases, seen);
        });
    }

    private static LeaseCommand.Claim Claim(int node) => Samples.Claim(1) with { Owner = Samples.Node(node), NodeName = $"host{node}" };

    private static LeaseTable Run(LeaseTable table, LeaseCommand command) => table.Decide(command).Events.Aggregate(table, (next, happened) => next.Apply(happened));

    private void Measure(string what, Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        output.WriteLine($"measured: {what}: {watch.Elapsed.TotalSeconds:0.00} s");
        // A quadratic one would take hours.
        Assert.True(watch.Elapsed < Patience, $"{what} took {watch.Elapsed}");
    }
}
