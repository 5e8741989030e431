using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.Claimant;

/// <summary>A host that leaves is gone from the ledger, whatever it had said a moment before.</summary>
public sealed class LeavingSpecs() : TestKit(TestJournal.Hocon)
{
    [Fact]
    public void A_renewal_just_before_it_leaves_brings_nothing_back()
    {
        var allocator = Allocator();
        var (claimant, _) = Host(allocator);
        claimant.Tell(new HostProtocol.ClaimNow());
        claimant.Tell(ClaimantActor.GiveBack.Instance, TestActor);
        ExpectMsg<HostProtocol.LeaseEnded>();
        NobodyHoldsAnything(allocator, claimant);
    }

    [Fact]
    public void A_renewal_that_waited_for_the_next_allocator_brings_nothing_back()
    {
        var proxy = Sys.ActorOf(Props.Create(() => new Proxy()));
        var first = Allocator();
        proxy.Tell(first);
        var (claimant, _) = Host(proxy);
        proxy.Tell("no allocator");
        Watch(first);
        first.Tell(SubnetAllocatorActor.Stop.Instance);
        ExpectTerminated(first);
        claimant.Tell(new HostProtocol.ClaimNow());
        Thread.Sleep(700);
        claimant.Tell(ClaimantActor.GiveBack.Instance, TestActor);
        Thread.Sleep(700);
        var second = Allocator();
        proxy.Tell(second);
        ExpectMsg<HostProtocol.LeaseEnded>(TimeSpan.FromSeconds(10));
        NobodyHoldsAnything(second, claimant);
    }

    [Fact]
    public void A_word_about_the_network_that_comes_after_the_release_makes_it_claim_nothing()
    {
        var allocator = CreateTestProbe();
        var (claimant, _) = Host(allocator, answered: false);
        allocator.ExpectMsg<LeaseProtocol.Claim>();
        var network = Samples.Version(Samples.IPv4Network);
        claimant.Tell(new LeaseProtocol.Granted(Samples.Lease(1), network, null));
        claimant.Tell(ClaimantActor.GiveBack.Instance, TestActor);
        allocator.FishForMessage(message => message is LeaseProtocol.Release);
        claimant.Tell(new LeaseProtocol.Released(Samples.Node(1), Samples.Lease(1).Generation));
        ExpectMsg<HostProtocol.LeaseEnded>();
        // The answer to a release that was repeated.
        claimant.Tell(new LeaseProtocol.Released(Samples.Node(1), Samples.Lease(1).Generation));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        claimant.Tell(new LeaseProtocol.NetworkIs(network, "another"));
        allocator.ExpectNoMsg(TimeSpan.FromMilliseconds(800));
        // And what it is granted all the same goes back.
        claimant.Tell(new LeaseProtocol.Granted(Samples.Lease(1), network, null));
        allocator.ExpectMsg<LeaseProtocol.Release>();
    }

    private void NobodyHoldsAnything(IActorRef allocator, IActorRef claimant)
    {
        Sys.Stop(claimant);
        Thread.Sleep(1500);
        allocator.Tell(new LeaseProtocol.Describe(null, null));
        Assert.Empty(ExpectMsg<LeaseProtocol.Described>().Leases);
    }

    private IActorRef Allocator() => Sys.ActorOf(SubnetAllocatorActor.Props(Samples.IPv4Network, new SlowFence(), mayForget: false));

    private (IActorRef Claimant, IActorRef Host) Host(IActorRef allocator, bool answered = true)
    {
        var underlay = new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1));
        var host = CreateTestProbe();
        var settings = new ClaimSettings(Samples.Node(1), "host1", underlay, null, Samples.IPv4Network) { Incarnation = Guid.NewGuid() };
        var claimant = Sys.ActorOf(ClaimantActor.Props(settings, allocator, host));
        if (answered)
            host.ExpectMsg<HostProtocol.LeaseHeld>();
        return (claimant, host);
    }

    /// <summary>Keeps what it is told while there is no allocator, and then delivers it in order, as the singleton's proxy does.</summary>
    private sealed class Proxy : ReceiveActor
    {
        private readonly Queue<(object Message, IActorRef Sender)> kept = new();
        private IActorRef? to;

        public Proxy()
        {
            Receive<IActorRef>(allocator =>
            {
                to = allocator;
                while (kept.TryDequeue(out var message))
                    to.Tell(message.Message, message.Sender);
            });
            Receive<string>(_ => to = null);
            ReceiveAny(message =>
            {
                if (to is null)
                    kept.Enqueue((message, Sender));
                else
                    to.Forward(message);
            });
        }
    }

    private sealed class SlowFence : ILedgerFence
    {
        public async Task<bool> HoldsAsync(long revision)
        {
            await Task.Delay(3);
            return true;
        }

        public void Release()
        {
            // Nothing is held.
        }
    }
}
