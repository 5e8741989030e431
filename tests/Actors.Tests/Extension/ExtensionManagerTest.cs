using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>The actor with the test as its HostNetwork, and programs that are not run.</summary>
public abstract class ExtensionManagerTest() : TestKit(HostSystem.Configuration)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("akka-overlay-extension-");

    private protected FakePrograms Programs { get; } = new();

    private protected string FileName => Path.Combine(Folder.FullName, "extension.json");

    protected override void AfterAll()
    {
        base.AfterAll();
        Folder.Delete(recursive: true);
    }

    protected ExtensionFile OpenFile(string boot = "boot", string networkNamespace = "here") => new(Folder.FullName, boot, networkNamespace);

    protected IActorRef Start(string boot = "boot")
    {
        var manager = ActorOfAsTestActorRef<ExtensionManagerActor>(ExtensionManagerActor.Props(OpenFile(boot), Programs, TimeProvider.System), TestActor);
        FishForMessage(message => message is HostProtocol.GoalWanted, Patience);
        return manager;
    }

    protected static HostProtocol.SetGoal Told(IActorRef manager, ExtensionGoal wanted, bool mayRemove = true)
    {
        var goal = new HostProtocol.SetGoal(HostPlan.Nothing with { Extension = wanted }, mayRemove);
        manager.Tell(goal);
        return goal;
    }

    protected HostProtocol.ExtensionReport InPlace(HostProtocol.SetGoal goal) =>
        (HostProtocol.ExtensionReport)FishForMessage(message => message is HostProtocol.ExtensionReport { InPlace: true } report && ReferenceEquals(report.PlanSeen, goal.Plan), Patience);

    protected static void Stop(IActorRef manager)
    {
        Assert.True(manager.GracefulStop(Patience).Wait(Patience));
    }
}
