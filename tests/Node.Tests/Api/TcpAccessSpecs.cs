using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Tests.Api;

/// <summary>What may be asked over TCP, and by whom.</summary>
public sealed class TcpAccessSpecs(ApiFixture api) : IClassFixture<ApiFixture>
{
    /// <summary>No member: a change that is let through is not found.</summary>
    private const string Nobody = "/cluster/members/127.0.0.1:1";

    [Theory]
    [InlineData("/alive")]
    [InlineData("/cluster/members")]
    [InlineData("/ledger")]
    public async Task Questions_are_answered_with_and_without_a_token(string path)
    {
        foreach (var server in new[] { api.Guarded, api.ReadOnly })
        {
            using var http = ApiFixture.Over(server);
            using var answer = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        }
    }

    [Theory]
    [InlineData("DELETE", Nobody)]
    [InlineData("PUT", Nobody)]
    [InlineData("POST", "/cluster/members")]
    [InlineData("PUT", "/cluster/seats")]
    [InlineData("DELETE", "/ledger/10.244.1.0%2F24")]
    [InlineData("OPTIONS", "/cluster/members")]
    [InlineData("PATCH", "/nowhere")]
    public async Task Without_a_configured_token_everything_else_is_405(string method, string path)
    {
        using var http = ApiFixture.Over(api.ReadOnly);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        // Not even with somebody's token.
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiFixture.Token);
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Contains("read-only", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong-token-of-some-length")]
    [InlineData("Bearer a-token-of-some-lengt")]
    [InlineData("Bearer a-token-of-some-length-and-more")]
    [InlineData("Bearer A-TOKEN-OF-SOME-LENGTH")]
    [InlineData("Basic YTphLXRva2VuLW9mLXNvbWUtbGVuZ3Ro")]
    [InlineData("a-token-of-some-length")]
    public async Task With_one_a_change_without_it_is_401(string? authorization)
    {
        using var http = ApiFixture.Over(api.Guarded);
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/cluster/members/{Uri.EscapeDataString(api.Self)}");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith("Bearer realm=\"akka-overlay\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(ApiFixture.Token, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(api.ToldToLeave);
    }

    [Fact]
    public async Task Without_it_a_body_of_any_size_is_401()
    {
        using var http = ApiFixture.Over(api.Guarded);
        using var answer = await http.PutAsync("/network", new ByteArrayContent(new byte[ApiLimits.BodyBytes + 1]));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    public async Task With_it_the_change_is_tried(string scheme)
    {
        using var http = ApiFixture.Over(api.Guarded);
        using var request = new HttpRequestMessage(HttpMethod.Delete, Nobody);
        request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {ApiFixture.Token}");
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void Two_credentials_are_none() =>
        Assert.Equal(401, TcpAccess.Judge("PUT", new([$"Bearer {ApiFixture.Token}", $"Bearer {ApiFixture.Token}"]), ApiToken.Parse(ApiFixture.Token)));

    [Fact]
    public async Task The_unix_socket_asks_for_no_token()
    {
        using var http = api.Local();
        using var answer = await http.DeleteAsync(Nobody);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void The_unix_socket_is_for_its_owner_and_its_group()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(api.SocketPath));
    }

    /// <summary>Whoever takes up every connection of TCP keeps the operator of this host from nothing.</summary>
    [Fact]
    public async Task Connections_over_TCP_are_limited_and_the_unix_socket_goes_on()
    {
        var held = new List<Socket>();
        try
        {
            for (int i = 0; i < ApiLimits.TcpConnections; i++)
            {
                // The connections of another spec are counted until the server has seen their end.
                await ApiFixture.Eventually(async () =>
                {
                    var socket = await ConnectAsync();
                    held.Add(socket);
                    if ((await AskAsync(socket)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                        return true;
                    held.Remove(socket);
                    socket.Dispose();
                    return false;
                });
            }
            using var one = await ConnectAsync();
            Assert.Equal("", await AskAsync(one));
            using var http = api.Local();
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/alive")).StatusCode);
            held[0].Dispose();
            await ApiFixture.Eventually(async () =>
            {
                using var next = await ConnectAsync();
                return (await AskAsync(next)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            });
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Listeners_over_TCP_are_limited_and_leave_room_for_questions()
    {
        using var http = ApiFixture.Over(api.ReadOnly);
        var listening = new List<HttpResponseMessage>();
        try
        {
            for (int i = 0; i < ApiLimits.TcpListeners; i++)
                listening.Add(await http.GetAsync("/cluster/domain-events", HttpCompletionOption.ResponseHeadersRead));
            Assert.All(listening, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
            using var more = await http.GetAsync("/cluster/domain-events", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, more.StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/alive")).StatusCode);
        }
        finally
        {
            listening.ForEach(answer => answer.Dispose());
        }
        await ApiFixture.Eventually(async () => (await http.GetAsync("/cluster/domain-events", HttpCompletionOption.ResponseHeadersRead)).IsSuccessStatusCode);
    }

    /// <returns>One that says nothing to any question where the server has closed it already: it may do so before the connection is known here.</returns>
    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(api.Guarded.TcpAddress!);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
        return socket;
    }

    /// <returns>Nothing where the other end has closed the connection.</returns>
    private static async Task<string> AskAsync(Socket socket)
    {
        byte[] octets = new byte[4096];
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n"));
            return Encoding.ASCII.GetString(octets, 0, await socket.ReceiveAsync(octets).WaitAsync(TimeSpan.FromSeconds(10)));
        }
        catch (SocketException)
        {
            return "";
        }
    }
}
