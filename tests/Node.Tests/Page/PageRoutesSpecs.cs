using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using AkkaOverlay.Node.Page;

namespace AkkaOverlay.Node.Tests.Page;

public sealed class PageRoutesSpecs
{
    [Fact]
    public async Task Every_file_comes_with_its_type_and_under_a_strict_policy()
    {
        await using var server = await PageServer.StartAsync(() => Task.FromResult<byte[]>([.. "{}"u8]));
        using var client = server.Client();
        foreach (string path in PageFiles.All.Keys.Select(name => $"/page/{name}").Append("/").Append("/page/view"))
        {
            using var answer = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        }
        Assert.Equal("text/html", (await client.GetAsync("/")).Content.Headers.ContentType!.MediaType);
        Assert.Equal("text/javascript", (await client.GetAsync("/page/page.js")).Content.Headers.ContentType!.MediaType);
        Assert.Equal("text/css", (await client.GetAsync("/page/page.css")).Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_file_that_the_browser_has_is_not_sent_again()
    {
        await using var server = await PageServer.StartAsync(() => Task.FromResult<byte[]>([]));
        using var client = server.Client();
        using var first = await client.GetAsync("/page/page.js");
        var again = new HttpRequestMessage(HttpMethod.Get, "/page/page.js");
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));
        using var second = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_view_is_compressed_for_whoever_can_read_that_and_never_kept()
    {
        byte[] view = [.. Enumerable.Repeat((byte)' ', 100_000)];
        await using var server = await PageServer.StartAsync(() => Task.FromResult(view));
        using var client = server.Client();
        Assert.Equal(view, await client.GetByteArrayAsync("/page/view"));
        var request = new HttpRequestMessage(HttpMethod.Get, "/page/view");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var answer = await client.SendAsync(request);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        byte[] compressed = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(compressed.Length < 2000);
        await using var stream = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read);
        Assert.Equal(view, read.ToArray());
    }

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("PUT", "/page/view")]
    [InlineData("DELETE", "/page/page.js")]
    public async Task Nothing_can_be_changed_there(string method, string path)
    {
        await using var server = await PageServer.StartAsync(() => Task.FromResult<byte[]>([]));
        using var client = server.Client();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path))).StatusCode);
    }
}
