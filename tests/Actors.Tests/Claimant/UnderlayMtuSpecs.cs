using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.Claimant;

public sealed class UnderlayMtuSpecs : TestKit
{
    [Fact]
    public void A_claim_says_the_underlays_mtu_and_another_one_once_the_host_does()
    {
        var allocator = CreateTestProbe();
        var underlay = new Underlay("eth0", 1400, Samples.Public(1), Samples.Public(1));
        var claimant = Sys.ActorOf(ClaimantActor.Props(new ClaimSettings(Samples.Node(1), "host1", underlay, null, Samples.IPv4Network), allocator, CreateTestProbe()));
        Assert.Equal(1400, allocator.ExpectMsg<LeaseProtocol.Claim>().Command.UnderlayMtu);
        claimant.Tell(new HostProtocol.ClaimNow(UnderlayMtu: 1500));
        allocator.FishForMessage<LeaseProtocol.Claim>(claim => claim.Command.UnderlayMtu == 1500);
        // What says nothing of it changes nothing.
        claimant.Tell(new HostProtocol.ClaimNow());
        Assert.Equal(1500, allocator.ExpectMsg<LeaseProtocol.Claim>().Command.UnderlayMtu);
        Assert.Equal(1500, allocator.ExpectMsg<LeaseProtocol.Claim>().Command.UnderlayMtu);
    }
}
