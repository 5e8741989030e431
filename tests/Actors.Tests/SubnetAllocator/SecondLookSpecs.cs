using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

public class SecondLookSpecs
{
    private readonly LeaseTableDriver driver = new(SmallNetworks.IPv4(1));

    [Fact]
    public void What_needs_no_event_is_answered_as_it_is_now()
    {
        driver.Grant(1);
        var answer = Assert.IsType<SecondLook.Answer>(SecondLook.At(Samples.Claim(1), driver.Table));
        Assert.Equal(2, Assert.IsType<LeaseReply.Granted>(answer.Reply).Lease.Generation);
    }

    [Fact]
    public void A_claim_is_granted_nothing_that_it_would_not_have_been_told_when_it_was_asked()
    {
        driver.Grant(1);
        driver.Release(1);
        Assert.IsType<SecondLook.Drop>(SecondLook.At(Samples.Claim(1), driver.Table));
        Assert.IsType<SecondLook.Drop>(SecondLook.At(Samples.Claim(2), driver.Table));
    }

    [Fact]
    public void A_release_of_an_earlier_hold_is_not_answered_while_there_is_a_newer_one()
    {
        driver.Grant(1);
        driver.Release(1);
        var release = new LeaseCommand.Release(Samples.Node(1), 2);
        Assert.IsType<SecondLook.Answer>(SecondLook.At(release, driver.Table));
        driver.Grant(1);
        Assert.IsType<SecondLook.AskAgain>(SecondLook.At(release, driver.Table));
    }

    [Fact]
    public void What_an_operator_asks_for_is_asked_again_where_it_needs_an_event_now() =>
        Assert.IsType<SecondLook.AskAgain>(SecondLook.At(new LeaseCommand.Reserve(IpPrefix.Parse("10.9.0.16/28"), "host1"), driver.Table));
}
