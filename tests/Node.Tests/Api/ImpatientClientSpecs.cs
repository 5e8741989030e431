using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AkkaOverlay.Node.Api;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Tests.Api;

/// <summary>Clients that send more than is read, or do not wait for what they asked for.</summary>
public sealed class ImpatientClientSpecs(ApiFixture api) : IClassFixture<ApiFixture>
{
    /// <summary>More than the kernel keeps for a socket: whoever writes it is held up where nobody reads.</summary>
    private static readonly byte[] TooMuch = new byte[1 << 20];

    /// <summary>As curl and every other client without "Expect: 100-continue" does: all of it, and then a look at the answer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_sends_too_large_a_body_can_send_all_of_it_and_hears_why_it_is_refused(bool chunked)
    {
        using var http = api.Local();
        for (int i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/cluster/members") { Content = new ByteArrayContent(TooMuch) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            Assert.Contains("64 KiB", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_beyond_all_measure_is_not_read_to_its_end()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST /cluster/members HTTP/1.1\r\nHost: x\r\nContent-Length: {1L << 40}\r\n\r\n")));
        long sent = 0;
        try
        {
            while (sent < 64L << 20)
                sent += await socket.SendAsync(TooMuch).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (SocketException)
        {
            // Closed.
        }
        Assert.InRange(sent, 0, 2L * ApiLimits.DrainedBytes);
    }

    /// <summary>The first answers find nobody; the requests behind them are in the server's hands already.</summary>
    [Theory]
    [InlineData("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("DELETE /cluster/members/127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task A_request_whose_caller_has_gone_is_no_failure(string request)
    {
        byte[] many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, 50)));
        for (int i = 0; i < 20; i++)
        {
            using var socket = await ConnectAsync();
            await socket.SendAsync(many);
        }
        using var http = api.Local();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/alive")).StatusCode);
        await Task.Delay(500);
        Assert.DoesNotContain(api.Log.Lines, line => line.Level >= LogLevel.Error || line.Text.Contains("Exception", StringComparison.Ordinal));
        // Who asks for a change is known, gone or not.
        Assert.DoesNotContain(api.Log.Lines, line => line.Text.Contains("without a token", StringComparison.Ordinal));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(api.SocketPath));
        return socket;
    }
}
