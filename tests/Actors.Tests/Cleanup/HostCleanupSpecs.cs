using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Cleanup;

public class HostCleanupSpecs
{
    private readonly Bench bench = new();

    public HostCleanupSpecs() => bench.Settle(Bench.Plan(Bench.Peer(2), Bench.Peer(3)));

    private FakeRtnetlink Kernel => bench.Kernel;

    [Fact]
    public void Routes_go_before_neighbours_and_these_before_the_device()
    {
        Kernel.Writes.Clear();
        var outcome = new HostCleanup(Kernel).Run(Samples.Node(1));
        Assert.Equal(["route", "route", "neighbour", "neighbour", "device"], outcome.Removed.Select(item => item.Kind));
        Assert.Equal(5, Kernel.Writes.Count);
        Assert.IsType<RtnetlinkChange.DeleteLink>(Kernel.Writes[^1]);
        Assert.Empty(outcome.Errors);
        Assert.Null(Kernel.FindLink("flannel.1"));
        Assert.Empty(new HostCleanup(Kernel).Run(Samples.Node(1)).Removed);
    }

    [Fact]
    public void Another_nodes_device_and_another_protocols_route_stay()
    {
        var foreign = new Route(IpPrefix.Parse("10.99.0.0/16")) { Gateway = Samples.Address("192.168.7.9"), Interface = Kernel.Device("eth0").Index, Protocol = Bench.Foreign };
        Kernel.Routes.Add(foreign);
        new HostCleanup(Kernel).Run(Samples.Node(2));
        Assert.Equal([foreign], Kernel.Routes.Where(route => route.Protocol is Bench.Ours or Bench.Foreign));
        Assert.NotNull(Kernel.FindLink("flannel.1"));
    }

    [Fact]
    public void What_the_kernel_refuses_is_named_and_holds_up_nothing_else()
    {
        Kernel.Refuse = change => change is RtnetlinkChange.DeleteRoute { Route.Destination: var to } && to == IpPrefix.Parse("10.244.2.0/24") ? FakeRtnetlink.EPERM : null;
        var outcome = new HostCleanup(Kernel).Run(Samples.Node(1));
        Assert.Single(outcome.Errors);
        Assert.Equal(["route", "neighbour", "neighbour", "device"], outcome.Removed.Select(item => item.Kind));
    }

    [Fact]
    public void What_somebody_else_removed_meanwhile_is_no_error()
    {
        Kernel.Refuse = change => change is RtnetlinkChange.DeleteNeighbour ? FakeRtnetlink.ENOENT : null;
        var outcome = new HostCleanup(Kernel).Run(Samples.Node(1));
        Assert.Empty(outcome.Errors);
        Assert.Equal(["route", "route", "device"], outcome.Removed.Select(item => item.Kind));
    }
}
