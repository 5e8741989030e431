using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using static AkkaOverlay.Actors.Tests.Host.NetworkReportingSpecs;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>What a host remembers of how things stood before another configuration, and when.</summary>
public sealed class NetworkReporterSpecs : TestKit
{
    private static readonly NetworkConfig Next = Samples.IPv4Network with { BackEnd = new VxlanConfig { Mtu = 1400 } };
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(200);

    private readonly ManualTime time = new();
    private readonly TestProbe host;
    private readonly TestProbe probes;
    private readonly IActorRef reporter;

    public NetworkReporterSpecs()
    {
        host = CreateTestProbe();
        probes = CreateTestProbe();
        reporter = Sys.ActorOf(NetworkReporterActor.Props(Samples.Node(1), host, probes, time, (_, _) => null));
    }

    [Fact]
    public void A_path_that_failed_before_may_go_on_failing()
    {
        Before(1, 7, Dead);
        host.ExpectMsg<HostProtocol.GetStatus>();
        host.Reply(Status(1));
        Assert.Equal((1, 7), (ExpectMsg<LeaseProtocol.NetworkReport>() is var said ? said.Version : 0, said.Question));
        Assert.Equal(NetworkProgress.Good, After(2));
    }

    /// <summary>The next version came in between: what the probes say may be of it.</summary>
    [Fact]
    public void The_probes_are_looked_at_before_the_version_that_they_are_of()
    {
        Before(1, 7, Dead);
        host.ExpectMsg<HostProtocol.GetStatus>();
        host.Reply(Status(2));
        ExpectNoMsg(Silence);
        Assert.Equal(NetworkProgress.Failing, After(2));
    }

    /// <summary>The allocator waits no longer: other hosts may have the next version already.</summary>
    [Fact]
    public void What_is_found_too_late_is_not_how_things_stood_before()
    {
        Before(1, 7, Dead);
        host.ExpectMsg<HostProtocol.GetStatus>();
        time.Advance(SubnetAllocatorActor.BaselinePatience + TimeSpan.FromMilliseconds(1));
        host.Reply(Status(1));
        ExpectNoMsg(Silence);
        Assert.Equal(NetworkProgress.Failing, After(2));
    }

    [Fact]
    public void What_was_found_for_an_earlier_change_is_forgotten()
    {
        Before(1, 7, Dead);
        host.ExpectMsg<HostProtocol.GetStatus>();
        host.Reply(Status(1));
        ExpectMsg<LeaseProtocol.NetworkReport>();
        reporter.Tell(new LeaseProtocol.ReportNetwork(1, Next, 8), TestActor);
        probes.ExpectMsg<ProbeProtocol.GetProbes>();
        Assert.Equal(NetworkProgress.Failing, After(2));
    }

    private static ProbeTable Dead => Table(Row("h2", ProbeState.Dead));

    private void Before(long version, long question, ProbeTable table)
    {
        reporter.Tell(new LeaseProtocol.ReportNetwork(version, Next, question), TestActor);
        host.ExpectNoMsg(Silence);
        probes.ExpectMsg<ProbeProtocol.GetProbes>();
        probes.Reply(table);
    }

    private NetworkProgress After(long version)
    {
        reporter.Tell(new LeaseProtocol.ReportNetwork(version, null), TestActor);
        host.ExpectMsg<HostProtocol.GetStatus>();
        host.Reply(Status(version));
        probes.ExpectMsg<ProbeProtocol.HaveAllAnswered>();
        probes.Reply(new ProbeProtocol.AllAnswered(false, 1, [Row("h2")], []));
        probes.ExpectMsg<ProbeProtocol.GetProbes>();
        probes.Reply(Dead);
        return ExpectMsg<LeaseProtocol.NetworkReport>().Progress;
    }
}
