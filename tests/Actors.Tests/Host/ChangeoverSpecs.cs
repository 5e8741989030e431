using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Host;

public sealed class ChangeoverSpecs
{
    private static readonly BackEndConfig Vxlan = NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}""").BackEnd;
    private static readonly BackEndConfig Udp = NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""").BackEnd;
    private static readonly Offer OfVxlan = new VxlanOffer(1, default);
    private static readonly Offer OfUdp = new UdpOffer();

    private readonly ManualTime time = new();
    private readonly Changeover changeover;

    public ChangeoverSpecs() => changeover = new Changeover(time);

    [Fact]
    public void The_new_one_is_offered_when_its_devices_stand_and_used_when_all_can_have_heard()
    {
        Assert.Equal([Vxlan], changeover.Served(Vxlan));
        changeover.Begin(Vxlan, Udp);
        Assert.Equal([Vxlan], changeover.Served(Udp));
        Assert.Equal("the devices of udp are being made", changeover.Waiting(Udp, []));
        // A lease that somebody else's view makes us hear of: nothing stands here yet.
        changeover.Heard(Samples.Lease(1, 0, OfVxlan, OfUdp), Udp);
        time.Advance(Changeover.UseAfter);
        Assert.True(changeover.Holds(time.GetTimestamp()));

        Assert.True(changeover.DevicesStand());
        Assert.False(changeover.DevicesStand());
        Assert.Equal([Udp, Vxlan], changeover.Served(Udp));
        changeover.Heard(Samples.Lease(1, 0, OfVxlan), Udp);
        time.Advance(Changeover.UseAfter);
        Assert.True(changeover.Holds(time.GetTimestamp()));
        Assert.Equal("the others are told of udp", changeover.Waiting(Udp, []));

        changeover.Heard(Samples.Lease(1, 0, OfUdp, OfVxlan), Udp);
        Assert.Equal(Changeover.UseAfter, changeover.Next(time.GetTimestamp()));
        time.Advance(Changeover.UseAfter - TimeSpan.FromTicks(1));
        Assert.True(changeover.Holds(time.GetTimestamp()));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.False(changeover.Holds(time.GetTimestamp()));
        Assert.Equal(Vxlan, changeover.Leaving);
    }

    [Fact]
    public void Who_does_not_offer_it_is_waited_for_and_not_for_ever()
    {
        Use();
        Lease[] others = [Samples.Lease(2, 0, OfVxlan, OfUdp), Samples.Lease(3, 0, OfVxlan), Samples.Lease(4, 0, OfVxlan)];
        Assert.Equal("host3 and 1 more cannot be reached by udp yet", changeover.Waiting(Udp, others));
        Assert.Null(changeover.Waiting(Udp, others[..1]));
        time.Advance(Changeover.PeersWithin);
        Assert.Null(changeover.Waiting(Udp, others));
    }

    [Fact]
    public void The_former_one_stands_for_a_while_is_not_offered_any_more_and_goes()
    {
        Use();
        Assert.False(changeover.GoOn(Udp, []));
        time.Advance(Changeover.Length);
        Assert.True(changeover.GoOn(Udp, []));
        Assert.Equal([Udp], changeover.Served(Udp));
        Assert.Equal(Vxlan, changeover.Leaving);
        Assert.Equal(Changeover.Farewell, changeover.Next(time.GetTimestamp()));
        Assert.False(changeover.GoOn(Udp, []));
        time.Advance(Changeover.Farewell);
        Assert.True(changeover.GoOn(Udp, []));
        Assert.Equal((null, null, null), (changeover.Leaving, changeover.Next(time.GetTimestamp()), changeover.ToComponent(Udp)));
        Assert.False(changeover.GoOn(Udp, []));
    }

    [Fact]
    public void It_stays_longer_for_a_host_that_offers_nothing_else_and_where_the_new_one_does_not_stand()
    {
        Use();
        time.Advance(Changeover.Length);
        Lease[] away = [Samples.Lease(2, 0, OfVxlan)];
        Assert.False(changeover.GoOn(Udp, away));
        Assert.Equal("udp; vxlan stays for hosts that offer nothing else", changeover.ToComponent(Udp)!.Detail);
        time.Advance(Changeover.Longest);
        Assert.True(changeover.GoOn(Udp, away));

        var never = new Changeover(time);
        never.Begin(Vxlan, Udp);
        time.Advance(Changeover.Longest * 2);
        Assert.False(never.GoOn(Udp, []));
        Assert.Equal([Vxlan], never.Served(Udp));
    }

    [Fact]
    public void What_never_stood_here_is_neither_left_nor_believed_the_next_time()
    {
        changeover.Begin(Vxlan, Udp);
        changeover.Begin(Udp, Vxlan);
        Assert.Null(changeover.Leaving);
        Assert.Equal([Vxlan], changeover.Served(Vxlan));
        Assert.Null(changeover.Waiting(Vxlan, []));
        changeover.Begin(Vxlan, Udp);
        Assert.True(changeover.Holds(time.GetTimestamp()));
        Assert.Equal([Vxlan], changeover.Served(Udp));

        // A third one, before the second stood: the first is what there is.
        var hostGw = new HostGwConfig();
        changeover.Begin(Udp, hostGw);
        Assert.Equal(Vxlan, changeover.Leaving);
        Assert.Equal([Vxlan], changeover.Served(hostGw));
    }

    [Fact]
    public void On_the_way_back_what_is_still_offered_is_used_at_once()
    {
        Use();
        changeover.Begin(Udp, Vxlan);
        Assert.False(changeover.Holds(time.GetTimestamp()));
        Assert.Equal(Udp, changeover.Leaving);
        Assert.Equal([Vxlan, Udp], changeover.Served(Vxlan));
        Assert.Null(changeover.Waiting(Vxlan, [Samples.Lease(2, 0, OfVxlan, OfUdp)]));
    }

    [Fact]
    public void Another_one_of_the_type_that_is_left_is_new()
    {
        Use();
        changeover.Begin(Udp, NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":7}}""").BackEnd);
        Assert.True(changeover.Holds(time.GetTimestamp()));
        Assert.Equal([Udp], changeover.Served(Vxlan));
    }

    [Fact]
    public void Other_options_of_the_same_back_end_are_none_of_its_business()
    {
        changeover.Begin(Vxlan, NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":7}}""").BackEnd);
        Assert.Null(changeover.Leaving);
        Assert.False(changeover.Holds(time.GetTimestamp()));
    }

    private void Use()
    {
        changeover.Begin(Vxlan, Udp);
        changeover.DevicesStand();
        changeover.Heard(Samples.Lease(1, 0, OfUdp, OfVxlan), Udp);
        time.Advance(Changeover.UseAfter);
    }
}
