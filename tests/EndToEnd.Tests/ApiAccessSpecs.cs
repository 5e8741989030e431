using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Who may ask a node, and who may change something: from its own host, and from others.</summary>
public sealed class ApiAccessSpecs : IClassFixture<SharedLab>
{
    private const string Third = "akka.tcp://overlay@192.168.77.3:4053";

    private readonly SharedLab shared;
    private readonly ITestOutputHelper output;

    public ApiAccessSpecs(SharedLab shared, ITestOutputHelper output)
    {
        this.shared = shared;
        this.output = output;
        shared.Output = output;
    }

    private OverlayLab Lab => shared.Lab;

    [Theory]
    [InlineData(65534, 65534, false)]
    [InlineData(65534, 0, true)]
    public Task The_unix_socket_is_for_root_and_its_group(int user, int group, bool allowed) => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        string socket = Path.Combine(Lab[1].RunDirectory, "api.sock");
        // The way there is open: it is the socket that refuses.
        for (var directory = new DirectoryInfo(Lab[1].RunDirectory); directory.FullName != "/tmp"; directory = directory.Parent!)
            directory.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.GroupExecute;
        var said = await Command.Run(null, "setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups", "perl", "-MSocket", "-e", AskAlive, socket);
        output.WriteLine(said.ToString());
        Assert.Equal(allowed ? "HTTP/1.1 200 OK" : "Permission denied", said.Output.Trim());
    });

    [Fact]
    public Task A_node_without_a_token_is_read_only_for_others() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        using var http = Over(Lab[3], Lab[2]);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/ready")).StatusCode);
        Assert.Contains("akka_overlay_ready 1\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        using var refused = await http.DeleteAsync($"/cluster/members/{Uri.EscapeDataString(Third)}");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        await Eventually("the audit says so", () => Task.FromResult(Audited(Lab[2]).Contains("somebody without a token from 192.168.77.3:", StringComparison.Ordinal)), TimeSpan.FromSeconds(5));
        Assert.True(Lab[3].IsRunning);
    });

    [Fact]
    public Task With_the_token_another_host_changes_the_cluster_and_the_audit_says_from_where() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        using var http = Over(Lab[2], Lab[1]);
        string path = $"/cluster/members/{Third}";
        using var without = await http.PutAsync(path, new FormUrlEncodedContent([KeyValuePair.Create("operation", "down")]));
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal("Bearer realm=\"akka-overlay\"", without.Headers.WwwAuthenticate.ToString());
        string uid = (await Lab[1].Api.MembersAsync()).Members.Single(member => member.Node == Third).NodeUid;
        http.DefaultRequestHeaders.Authorization = new("Bearer", SharedLab.Token);
        using var with = await http.PutAsync(path, new FormUrlEncodedContent([KeyValuePair.Create("operation", "down")]));
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
        await Eventually("it was put out", async () => (await Lab[1].Api.MembersAsync()).Members.All(member => member.NodeUid != uid), TimeSpan.FromSeconds(20));
        string audit = "";
        await Eventually("both are audited", () => Task.FromResult((audit = Audited(Lab[1])).Contains("(operation down): 200", StringComparison.Ordinal)), TimeSpan.FromSeconds(5));
        output.WriteLine(audit);
        Assert.Matches(@"somebody without a token from 192\.168\.77\.2:\d+: PUT /cluster/members/akka\.tcp://overlay@192\.168\.77\.3:4053: 401 ", audit);
        Assert.Matches(@"who has the token from 192\.168\.77\.2:\d+: PUT /cluster/members/akka\.tcp://overlay@192\.168\.77\.3:4053 \(operation down\): 200 Downing", audit);
        Assert.DoesNotContain(SharedLab.Token, await File.ReadAllTextAsync(Lab[1].LogFile), StringComparison.Ordinal);
        Assert.Contains("the token crosses the network as it is", await File.ReadAllTextAsync(Lab[1].LogFile), StringComparison.Ordinal);
        await shared.WholeAsync();
    });

    [Fact]
    public async Task A_port_that_is_taken_is_named_before_anything_is_made()
    {
        using var lab = Prepare(output, 1);
        using var taken = lab[1].Host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        taken.Bind(new IPEndPoint(lab[1].UnderlayAddress, SharedLab.ApiPort));
        taken.Listen();
        var said = await Command.Run(
            lab[1].Host, Command.Executable, "run", "--seed", "192.168.77.1", "--net-conf", lab.Network.NetConfFile, "--state-dir", lab[1].StateDirectory, "--run-dir", lab[1].RunDirectory,
            "--api-listen", $"192.168.77.1:{SharedLab.ApiPort}");
        Assert.Equal((1, $"akka-overlay: --api-listen 192.168.77.1:{SharedLab.ApiPort}: in use\n"), (said.ExitCode, said.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab[1].StateDirectory));
    }

    /// <summary>A client that needs nothing of .NET, which another user of this machine may not be able to read.</summary>
    private const string AskAlive =
        """socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack_sockaddr_un($ARGV[0])) or print($!), exit; syswrite $s, "GET /alive HTTP/1.1\r\nHost: x\r\n\r\n"; sysread $s, my $line, 15; print $line""";

    private static string Audited(LabHost host) => string.Join('\n', File.ReadLines(host.LogFile).Where(line => line.Contains("Audit", StringComparison.Ordinal)));

    /// <summary>As a program on one host asks another one.</summary>
    private static HttpClient Over(LabHost from, LabHost to) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = from.Host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await socket.ConnectAsync(new IPEndPoint(to.UnderlayAddress, SharedLab.ApiPort), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri($"http://{to.UnderlayAddress}:{SharedLab.ApiPort}"),
    };
}
