using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

public sealed class AllocatorStatusSpecs() : TestKit(TestJournal.Hocon)
{
    [Fact]
    public void The_host_sees_its_allocator_s_ledger_while_there_is_one()
    {
        var status = new AllocatorStatus();
        var allocator = Sys.ActorOf(SubnetAllocatorActor.Props(Samples.IPv4Network, NoFence.Instance, mayForget: true, status: status));
        AwaitAssert(() => Assert.Equal(0, status.Table!.Revision));
        allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(1), NetConf.Fingerprint(Samples.IPv4Network)), TestActor);
        ExpectMsg<LeaseProtocol.Granted>();
        Assert.Equal((2, 1), ((int)status.Table!.Revision, status.Table.Leases.Count));
        Sys.Stop(allocator);
        AwaitAssert(() => Assert.Null(status.Table));
    }
}
