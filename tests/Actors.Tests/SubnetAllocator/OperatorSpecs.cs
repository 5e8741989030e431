using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>What operators ask of the allocator, and what time does to leases, with a clock that the test holds.</summary>
public sealed class OperatorSpecs() : TestKit(TestJournal.Hocon)
{
    private static readonly NetworkConfig Network =
        NetConf.Parse("""{ "Network": "10.9.0.0/24", "SubnetLen": 28, "SubnetMin": "10.9.0.16", "SubnetMax": "10.9.0.32" }""");

    private static readonly string Fingerprint = NetConf.Fingerprint(Network);
    private static readonly IpPrefix First = IpPrefix.Parse("10.9.0.16/28");
    private static readonly IpPrefix Second = IpPrefix.Parse("10.9.0.32/28");

    private readonly ManualTime time = new();

    [Fact]
    public void A_lease_expires_and_after_its_quarantine_its_subnet_is_another_s()
    {
        var allocator = Start();
        var lease = Granted(allocator, 1);
        Granted(allocator, 2);
        for (int i = 0; i < 3; i++)
        {
            Pass(allocator, TimeSpan.FromMinutes(8));
            Granted(allocator, 2);
        }
        var described = Describe(allocator, First);
        Assert.Equal((LeaseState.Quarantined, "host1"), (described.State, described.Host));
        Assert.Equal(LeaseState.Held, Describe(allocator, Second).State);
        Assert.Matches(@"^out of subnets: all 2 of 10.9.0.0/24 are held \(1 in quarantine\); one is free in \d+m", Refused(allocator, 3));

        // The owner has it back at once; and when it is silent again, its quarantine passes.
        Assert.Equal(lease.Subnets, Granted(allocator, 1).Subnets);
        for (int i = 0; i < 12; i++)
        {
            Pass(allocator, TimeSpan.FromMinutes(8));
            Granted(allocator, 2);
        }
        Assert.Equal(LeaseState.Free, Describe(allocator, First).State);
        Assert.Equal(First, Granted(allocator, 3).Subnets.IPv4);
    }

    [Fact]
    public void A_dry_pool_expires_the_longest_unseen_and_says_when_its_subnet_is_free()
    {
        var allocator = Start(TimeSpan.FromHours(24));
        Granted(allocator, 1);
        Granted(allocator, 2);
        Assert.Contains("one is free when a host leaves", Refused(allocator, 3), StringComparison.Ordinal);
        Pass(allocator, TimeSpan.FromMinutes(9));
        Granted(allocator, 2);
        Pass(allocator, TimeSpan.FromMinutes(1));
        Assert.EndsWith("are held (1 in quarantine); one is free in 1h, when its quarantine is over", Refused(allocator, 3), StringComparison.Ordinal);
        Assert.Equal(LeaseState.Quarantined, Describe(allocator, First).State);
        // Asking again costs nobody else its lease.
        Pass(allocator, TimeSpan.FromMinutes(11));
        Refused(allocator, 3);
        Assert.Equal(LeaseState.Held, Describe(allocator, Second).State);
    }

    [Fact]
    public void A_lease_is_ended_by_an_operator_when_its_host_is_gone_or_by_force()
    {
        var allocator = Start();
        Granted(allocator, 1);
        Pass(allocator, TimeSpan.FromSeconds(20));
        Assert.Equal("host1 lives (seen 20s ago) and would claim again: tell it to leave ('cluster leave'), or use --force", Denied(allocator, new LeaseProtocol.EndLease(First, false)));
        Pass(allocator, TimeSpan.FromSeconds(10));
        Assert.Equal($"the lease of host1 ({Samples.Node(1)}) is over: {First} is free", Done(allocator, new LeaseProtocol.EndLease(First, false)));
        Assert.Equal($"nobody holds {First}", Denied(allocator, new LeaseProtocol.EndLease(First, true)));
        Granted(allocator, 1);
        Done(allocator, new LeaseProtocol.EndLease(First, true));
        Assert.StartsWith("10.9.0.64/28 is no subnet of this network", Denied(allocator, new LeaseProtocol.EndLease(IpPrefix.Parse("10.9.0.64/28"), true)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quarantine_is_ended_only_by_force()
    {
        var allocator = Start();
        Granted(allocator, 1);
        Pass(allocator, TimeSpan.FromMinutes(16));
        Assert.Contains("is in quarantine for another", Denied(allocator, new LeaseProtocol.EndLease(First, false)), StringComparison.Ordinal);
        Assert.Equal($"the quarantine of {First} is over", Done(allocator, new LeaseProtocol.EndLease(First, true)));
        Assert.Equal(LeaseState.Free, Describe(allocator, First).State);
    }

    [Fact]
    public void A_reservation_is_kept_over_a_restart()
    {
        var allocator = Start();
        Granted(allocator, 1);
        Done(allocator, new LeaseProtocol.Reserve(Second, "host2"));
        Watch(allocator);
        allocator.Tell(SubnetAllocatorActor.Stop.Instance);
        ExpectTerminated(allocator);
        allocator = Start();
        Assert.Contains("(1 reserved)", Refused(allocator, 3), StringComparison.Ordinal);
        var described = Describe(allocator, Second);
        Assert.Equal((LeaseState.Reserved, "host2"), (described.State, described.ReservedFor));
        Assert.Equal(Second, Granted(allocator, 2).Subnets.IPv4);
        Assert.Equal((LeaseState.Held, "host2"), (Describe(allocator, Second).State, Describe(allocator, Second).ReservedFor));
    }

    private IActorRef Start(TimeSpan? ttl = null) =>
        Sys.ActorOf(SubnetAllocatorActor.Props(Network, NoFence.Instance, mayForget: true, new LeaseTimes(ttl ?? TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)), time));

    private void Pass(IActorRef allocator, TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(10))
        {
            time.Advance(TimeSpan.FromSeconds(10));
            allocator.Tell(SubnetAllocatorActor.Tick.Instance);
            // Its answer comes after the tick: no two of them are one step.
            Describe(allocator, First);
        }
    }

    private Lease Granted(IActorRef allocator, int node)
    {
        allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(node), Fingerprint));
        return ExpectMsg<LeaseProtocol.Granted>().Lease;
    }

    private string Refused(IActorRef allocator, int node)
    {
        allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(node), Fingerprint));
        return ExpectMsg<LeaseProtocol.Refused>().Text;
    }

    private LeaseDescription Describe(IActorRef allocator, IpPrefix subnet)
    {
        allocator.Tell(new LeaseProtocol.Describe(subnet, null));
        return Assert.Single(ExpectMsg<LeaseProtocol.Described>().Leases);
    }

    private string Done(IActorRef allocator, object wish)
    {
        allocator.Tell(wish);
        return ExpectMsg<LeaseProtocol.Done>().Text;
    }

    private string Denied(IActorRef allocator, object wish)
    {
        allocator.Tell(wish);
        var refused = ExpectMsg<LeaseProtocol.Refused>();
        Assert.Equal(RefusalReason.Denied, refused.Reason);
        return refused.Text;
    }
}
