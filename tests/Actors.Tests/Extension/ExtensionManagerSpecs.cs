using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Programs;
using static AkkaOverlay.Actors.Tests.Extension.ExtensionSamples;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>The actor around the plan; the test is its HostNetwork, and the programs are not run.</summary>
public sealed class ExtensionManagerSpecs : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("akka-overlay-extension-");
    private readonly FakePrograms programs = new();

    public ExtensionManagerSpecs()
        : base(HostSystem.Configuration)
    {
    }

    [Fact]
    public void A_network_without_commands_runs_none_and_says_nothing()
    {
        var manager = Start();
        manager.Tell(new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true));
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        Assert.Empty(programs.Ran);
    }

    [Fact]
    public void Commands_run_in_order_and_the_host_is_in_place_when_all_have()
    {
        var goal = Told(Start(), Goal(Peer(2), Peer(3)));
        Assert.True(InPlace(goal).InPlace);
        Assert.Equal(["pre 10.244.0.0/16", "post 10.244.1.0/24"], programs.Ran.Take(2));
        Assert.Equal(["add 10.244.2.0/24 192.168.7.2", "add 10.244.3.0/24 192.168.7.3"], programs.Ran.Skip(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void After_a_restart_in_the_same_boot_nothing_is_run_again_and_who_left_is_removed()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2), Peer(3))));
        Watch(manager);
        Sys.Stop(manager);
        ExpectTerminated(manager, Patience);
        programs.Ran.Clear();

        manager = Start();
        InPlace(Told(manager, Goal(Peer(2), Peer(3)), mayRemove: false));
        Assert.Empty(programs.Ran);
        Told(manager, Goal(Peer(3)), mayRemove: false);
        Told(manager, Goal(Peer(3)));
        AwaitAssert(() => Assert.Equal(["remove 10.244.2.0/24"], programs.Ran), Patience);
    }

    [Fact]
    public void In_another_boot_everything_is_run_anew_and_nothing_undone()
    {
        InPlace(Told(Start(), Goal(Peer(2))));
        AwaitAssert(() => Assert.Contains("\"Done\":true", File.ReadAllText(Path.Combine(folder.FullName, "extension.json")), StringComparison.Ordinal), Patience);
        programs.Ran.Clear();
        InPlace(Told(Start("another boot"), Goal(Peer(3))));
        Assert.Equal(["pre 10.244.0.0/16", "post 10.244.1.0/24", "add 10.244.3.0/24 192.168.7.3"], programs.Ran);
    }

    [Fact]
    public void One_that_fails_is_told_and_tried_again_and_holds_up_no_other()
    {
        programs.Failing = "add 10.244.2.0/24";
        var goal = Told(Start(), Goal(Peer(2), Peer(3)));
        var report = (HostProtocol.ExtensionReport)FishForMessage(message => message is HostProtocol.ExtensionReport { Detail: var detail } && detail.Contains("exit", StringComparison.Ordinal), Patience);
        Assert.False(report.InPlace);
        Assert.Equal("SubnetAddCommand for 10.244.2.0/24: exit status 7: second?[2J line", report.Detail);
        AwaitAssert(() => Assert.Contains("add 10.244.3.0/24 192.168.7.3", programs.Ran), Patience);
        programs.Failing = null;
        Assert.True(InPlace(goal).InPlace);
    }

    [Fact]
    public void One_that_hangs_holds_up_no_other_and_no_more_than_eight_run_at_once()
    {
        programs.Hanging = "add";
        var manager = Start();
        Told(manager, Goal([.. Enumerable.Range(2, 20).Select(n => Peer(n))]));
        AwaitAssert(() => Assert.Equal(ExtensionManagerActor.MostAtOnce, programs.Running), Patience);
        Thread.Sleep(300);
        Assert.Equal(ExtensionManagerActor.MostAtOnce, programs.Running);
        programs.Release.SetResult();
        FishForMessage(message => message is HostProtocol.ExtensionReport { InPlace: true }, Patience);
        Assert.Equal(22, programs.Ran.Count);
    }

    [Fact]
    public void A_lease_that_is_given_back_undoes_all_of_it()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        programs.Ran.Clear();
        var nothing = new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true);
        manager.Tell(nothing);
        Assert.True(InPlace(nothing).InPlace);
        Assert.Equal(["remove 10.244.2.0/24", "down"], programs.Ran);
        AwaitAssert(() => Assert.False(File.Exists(Path.Combine(folder.FullName, "extension.json"))), Patience);
    }

    [Fact]
    public void What_cannot_be_undone_is_left_after_some_tries()
    {
        programs.Failing = "remove";
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        programs.Ran.Clear();
        var goal = Told(manager, Goal());
        Assert.True(InPlace(goal).InPlace, "it holds up nobody");
        AwaitAssert(() => Assert.Equal(ExtensionManagerActor.MostRemoves, programs.Ran.Count), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void Data_that_no_lease_can_carry_are_not_published()
    {
        programs.Output = new string('x', 2049);
        Told(Start(), Goal());
        var report = (HostProtocol.ExtensionReport)FishForMessage(message => message is HostProtocol.ExtensionReport { Detail: var detail } && detail.Contains("printed", StringComparison.Ordinal), Patience);
        Assert.Equal("PreStartupCommand: printed more than the 2048 characters that a lease carries", report.Detail);
    }

    [Fact]
    public async Task Cleanup_undoes_with_the_commands_that_were_kept_and_keeps_what_it_could_not()
    {
        InPlace(Told(Start(), Goal(Peer(2), Peer(3))));
        AwaitAssert(() => Assert.DoesNotContain("\"Done\":false", File.ReadAllText(Path.Combine(folder.FullName, "extension.json")), StringComparison.Ordinal), Patience);
        programs.Failing = "remove 10.244.2.0/24";
        programs.Ran.Clear();
        var outcome = await new ExtensionCleanup(new ExtensionFile(folder.FullName, "boot"), programs).RunAsync();
        Assert.Equal("SubnetRemoveCommand for 10.244.3.0/24", Assert.Single(outcome.Removed).Name);
        Assert.Single(outcome.Errors);
        Assert.Equal([Samples.Node(2)], new ExtensionFile(folder.FullName, "boot").Last.Peers.Keys);
        programs.Failing = null;
        outcome = await new ExtensionCleanup(new ExtensionFile(folder.FullName, "boot"), programs).RunAsync();
        Assert.Equal(["SubnetRemoveCommand for 10.244.2.0/24", "ShutdownCommand"], outcome.Removed.Select(one => one.Name));
        Assert.True(new ExtensionFile(folder.FullName, "boot").Last.IsEmpty);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        folder.Delete(recursive: true);
    }

    private IActorRef Start(string boot = "boot")
    {
        var manager = ActorOfAsTestActorRef<ExtensionManagerActor>(ExtensionManagerActor.Props(new ExtensionFile(folder.FullName, boot), programs, TimeProvider.System), TestActor);
        FishForMessage(message => message is HostProtocol.GoalWanted, Patience);
        return manager;
    }

    private static HostProtocol.SetGoal Told(IActorRef manager, ExtensionGoal wanted, bool mayRemove = true)
    {
        var goal = new HostProtocol.SetGoal(HostPlan.Nothing with { Extension = wanted }, mayRemove);
        manager.Tell(goal);
        return goal;
    }

    private HostProtocol.ExtensionReport InPlace(HostProtocol.SetGoal goal) =>
        (HostProtocol.ExtensionReport)FishForMessage(message => message is HostProtocol.ExtensionReport { InPlace: true } report && ReferenceEquals(report.PlanSeen, goal.Plan), Patience);

    private sealed class FakePrograms : IProgramRunner
    {
        private int running;

        public ConcurrentQueue<string> Ran { get; } = [];

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? Failing { get; set; }

        public string? Hanging { get; set; }

        public string Output { get; set; } = "";

        public int Running => Volatile.Read(ref running);

        public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancel)
        {
            string line = string.Join(' ', call.Command);
            Ran.Enqueue(line);
            Interlocked.Increment(ref running);
            if (Hanging is { } hanging && line.StartsWith(hanging, StringComparison.Ordinal))
                await Release.Task;
            Interlocked.Decrement(ref running);
            return Failing is { } failing && line.StartsWith(failing, StringComparison.Ordinal)
                ? new ProgramResult(null, 7, "", "first line\nsecond\u001b[2J line\n")
                : new ProgramResult(null, 0, Output, "");
        }
    }
}
