using System.Net.Sockets;
using System.Text;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Run;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaOverlay.Node.Tests.Run;

public sealed class SystemdNotifierSpecs
{
    [Fact]
    public void The_status_is_one_line_and_names_what_is_missing()
    {
        Assert.Equal("10.244.1.0/24, 7 peers, cluster Up", SystemdNotifier.Describe(Node(ready: true, peers: 7)));
        Assert.Equal("10.244.1.0/24, 1 peer, cluster Up", SystemdNotifier.Describe(Node(ready: true, peers: 1)));
        Assert.Equal("waiting: lease: out of subnets READY=1", SystemdNotifier.Describe(Node(ready: false, detail: "out of subnets\nREADY=1")));
    }

    [Fact]
    public async Task READY_is_said_once_and_the_status_again_when_it_changes()
    {
        await using var systemd = new Systemd();
        var node = Node(ready: false);
        await systemd.Watch(null, () => Task.FromResult(node), async () =>
        {
            Assert.Equal("STATUS=waiting: lease: waiting for the allocator", await systemd.Hear());
            node = Node(ready: true);
            Assert.Equal("STATUS=10.244.1.0/24, 0 peers, cluster Up\nREADY=1", await systemd.Hear());
            node = Node(ready: false, detail: "gone");
            Assert.Equal("STATUS=waiting: lease: gone", await systemd.Hear());
            node = Node(ready: true);
            Assert.Equal("STATUS=10.244.1.0/24, 0 peers, cluster Up", await systemd.Hear());
        });
        Assert.Equal("STOPPING=1\nSTATUS=over", await systemd.Hear());
    }

    [Fact]
    public async Task The_watchdog_is_fed_only_while_the_actors_answer()
    {
        await using var systemd = new Systemd();
        var answers = new TaskCompletionSource();
        answers.SetResult();
        await systemd.Watch(
            TimeSpan.FromMilliseconds(200),
            async () =>
            {
                await answers.Task;
                return Node(ready: true);
            },
            async () =>
            {
                await systemd.Hear();
                Assert.Equal("WATCHDOG=1", await systemd.Hear());
                Assert.Equal("WATCHDOG=1", await systemd.Hear());
                answers = new TaskCompletionSource();
                await Task.Delay(300);
                systemd.Forget();
                await Task.Delay(300);
                Assert.Equal(0, systemd.Unread);
                answers.SetException(new Akka.Actor.AskTimeoutException("no answer"));
                await Task.Delay(300);
                Assert.Equal(0, systemd.Unread);
                answers = new TaskCompletionSource();
                answers.SetResult();
                Assert.Equal("WATCHDOG=1", await systemd.Hear());
            });
    }

    [Fact]
    public async Task Systemd_is_asked_for_more_time_while_the_node_waits_for_containers()
    {
        await using var systemd = new Systemd();
        await systemd.Watch(null, () => Task.FromResult(Node(ready: false) with { Components = [new ComponentModel("drain", false, "1 container (veth0 at cni0), waits 10m at most")] }), async () =>
        {
            Assert.Equal("STATUS=draining: 1 container (veth0 at cni0), waits 10m at most\nEXTEND_TIMEOUT_USEC=30000000", await systemd.Hear());
            Assert.Equal("EXTEND_TIMEOUT_USEC=30000000", await systemd.Hear());
        });
    }

    /// <summary>The way out does not come to grief over a question that was under way.</summary>
    [Fact]
    public async Task A_question_that_fails_while_the_node_ends_is_of_no_concern()
    {
        await using var systemd = new Systemd();
        using var asked = new ManualResetEventSlim();
        using var ending = new ManualResetEventSlim();
        Func<Task<StatusModel>> ask = () =>
        {
            asked.Set();
            ending.Wait();
            throw new Akka.Actor.AskTimeoutException("the actors are gone");
        };
        await systemd.Watch(null, ask, () =>
        {
            asked.Wait();
            _ = Task.Delay(200).ContinueWith(_ => ending.Set(), TaskScheduler.Default);
            return Task.CompletedTask;
        });
        Assert.Equal("STOPPING=1\nSTATUS=over", await systemd.Hear());
    }

    private static StatusModel Node(bool ready, string detail = "waiting for the allocator", int peers = 0) => new(
        "id", "h1", "0.1.0", ready, [new ComponentModel("ledger", true, ""), new ComponentModel("lease", ready, detail)],
        new LeaseModel("10.244.1.0/24", null, "id", "h1", null, null, [], 1), "vxlan", 1450, "eth0", null, null, peers, 0, "Up");

    /// <summary>The other end of the socket.</summary>
    private sealed class Systemd : IAsyncDisposable
    {
        private readonly string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly byte[] buffer = new byte[4096];

        public Systemd() => socket.Bind(new UnixDomainSocketEndPoint(file));

        public int Unread => socket.Available;

        public async Task Watch(TimeSpan? watchdog, Func<Task<StatusModel>> ask, Func<Task> body)
        {
            await using var notifier = new SystemdNotifier(new NotifySettings(file, watchdog), NullLogger.Instance);
            notifier.Start(ask);
            await body();
            await notifier.StoppingAsync("over");
        }

        public async Task<string> Hear()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
        }

        public void Forget()
        {
            while (socket.Available > 0)
                socket.Receive(buffer);
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            File.Delete(file);
            return ValueTask.CompletedTask;
        }
    }
}
