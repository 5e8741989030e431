using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>An answer that needs no event is as good as the fence behind it.</summary>
public sealed class FencedAllocatorSpecs() : TestKit(TestJournal.Hocon)
{
    private static readonly NetworkConfig Network = SmallNetworks();
    private static readonly string Fingerprint = NetConf.Fingerprint(Network);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly HandFence fence = new();

    public static TheoryData<string> Questions => ["renewal", "gone", "watch", "refusal", "network", "list", "denied"];

    [Theory]
    [MemberData(nameof(Questions))]
    public void An_answer_from_memory_waits_for_the_fence(string question)
    {
        var allocator = Start();
        Ask(allocator, question);
        long revision = fence.Next().Revision;
        Assert.Equal(4, revision);
        ExpectNoMsg(Silence);
        fence.Last.Answer.SetResult(true);
        ExpectMsg<object>();
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void Answers_that_come_meanwhile_share_the_next_question()
    {
        var allocator = Start();
        Ask(allocator, "renewal");
        var first = fence.Next();
        for (int i = 0; i < 5; i++)
            Ask(allocator, "renewal");
        ExpectNoMsg(Silence);
        first.Answer.SetResult(true);
        ExpectMsg<LeaseProtocol.Granted>();
        var second = fence.Next();
        ExpectNoMsg(Silence);
        second.Answer.SetResult(true);
        for (int i = 0; i < 5; i++)
            ExpectMsg<LeaseProtocol.Granted>();
        Assert.Equal(0, fence.Waiting);
    }

    [Fact]
    public void A_fence_that_does_not_hold_stops_the_allocator_without_an_answer()
    {
        var allocator = Start();
        Watch(allocator);
        Ask(allocator, "renewal");
        fence.Next().Answer.SetResult(false);
        ExpectTerminated(allocator);
        ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_fence_that_cannot_be_asked_is_asked_again_and_then_the_allocator_stops()
    {
        var allocator = Start();
        Ask(allocator, "renewal");
        fence.Next().Answer.SetException(new IOException("no majority"));
        fence.Next().Answer.SetResult(true);
        ExpectMsg<LeaseProtocol.Granted>();

        Watch(allocator);
        Ask(allocator, "renewal");
        for (int i = 0; i < 3; i++)
            fence.Next().Answer.SetException(new IOException("no majority"));
        ExpectTerminated(allocator);
        ExpectNoMsg(Silence);
    }

    [Fact]
    public void Grants_go_on_meanwhile_and_one_that_was_written_since_proves_as_much()
    {
        var allocator = Start();
        Ask(allocator, "renewal");
        var question = fence.Next();
        // A new host's claim: its event goes to the journal at once.
        allocator.Tell(new LeaseProtocol.Release(Samples.Node(2), 3));
        ExpectMsg<LeaseProtocol.Released>();
        question.Answer.SetResult(false);
        ExpectMsg<LeaseProtocol.Granted>();
        // But the false is looked into.
        Watch(allocator);
        fence.Next().Answer.SetResult(false);
        ExpectTerminated(allocator);
    }

    /// <summary>Its owner may have gone with the release, and would never give back what it is granted now.</summary>
    [Fact]
    public void A_renewal_whose_lease_is_released_meanwhile_is_granted_nothing()
    {
        var allocator = Start();
        Ask(allocator, "renewal");
        var question = fence.Next();
        allocator.Tell(new LeaseProtocol.Release(Samples.Node(1), 2));
        ExpectMsg<LeaseProtocol.Released>();
        question.Answer.SetResult(true);
        ExpectNoMsg(Silence);
        // One that lives claims again.
        Ask(allocator, "renewal");
        Assert.Equal(6, ExpectMsg<LeaseProtocol.Granted>().Lease.Generation);
    }

    /// <summary>Three leases in a pool of three: revision 4.</summary>
    private IActorRef Start()
    {
        var allocator = Sys.ActorOf(SubnetAllocatorActor.Props(Network, fence, mayForget: false));
        for (int node = 1; node <= 3; node++)
        {
            allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(node), Fingerprint));
            ExpectMsg<LeaseProtocol.Granted>();
        }
        Assert.Equal(0, fence.Waiting);
        return allocator;
    }

    private static void Ask(IActorRef allocator, string question) => allocator.Tell(question switch
    {
        "renewal" => new LeaseProtocol.Claim(Samples.Claim(1), Fingerprint),
        "gone" => new LeaseProtocol.Release(Samples.Node(9), 77),
        "watch" => new LeaseProtocol.Watch(Samples.Node(1), Guid.Empty, 0),
        "refusal" => new LeaseProtocol.Claim(Samples.Claim(4), Fingerprint),
        "network" => new LeaseProtocol.Claim(Samples.Claim(4), "another"),
        "list" => new LeaseProtocol.Describe(null, null),
        _ => new LeaseProtocol.Unreserve(IpPrefix.Parse("10.9.0.16/28")),
    });

    private static NetworkConfig SmallNetworks() => NetConf.Parse("""{ "Network": "10.9.0.0/24", "SubnetLen": 28, "SubnetMin": "10.9.0.16", "SubnetMax": "10.9.0.48" }""");

    /// <summary>Answers when the test says so.</summary>
    private sealed class HandFence : ILedgerFence
    {
        private readonly BlockingCollection<Question> questions = [];

        public Question Last { get; private set; } = null!;

        public int Waiting => questions.Count;

        public sealed record Question(long Revision, TaskCompletionSource<bool> Answer);

        public Task<bool> HoldsAsync(long revision)
        {
            var question = new Question(revision, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            questions.Add(question);
            return question.Answer.Task;
        }

        public void Release()
        {
        }

        public Question Next()
        {
            Assert.True(questions.TryTake(out var question, TimeSpan.FromSeconds(15)), "the fence was not asked");
            return Last = question;
        }
    }
}
