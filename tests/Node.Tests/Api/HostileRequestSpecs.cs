using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AkkaOverlay.Node.Api;
using Microsoft.AspNetCore.Routing;

namespace AkkaOverlay.Node.Tests.Api;

/// <summary>Whatever is wrong with a request gets a status of its own and a reason, and has no effect.</summary>
public sealed class HostileRequestSpecs(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json";
    private const string Member = "/cluster/members/127.0.0.1:1";

    private static readonly string Long = new('x', 300);
    private static readonly string Huge = new('x', ApiLimits.BodyBytes + 1);

    /// <summary>Method, path, media type, body, status, and what the reason must name.</summary>
    public static TheoryData<string, string, string?, string?, int, string> Requests => new()
    {
        { "GET", "/nowhere", null, null, 404, "no such path: GET /nowhere" },
        { "GET", "/no.where", null, null, 404, "no such path" },
        { "DELETE", "/alive", null, null, 405, "/alive takes GET, not DELETE" },
        { "POST", "/status", Json, "{}", 405, "takes GET" },
        { "PUT", "/cluster/members", Form, "operation=Down", 404, "no such path: PUT /cluster/members" },
        { "OPTIONS", "/cluster/members", null, null, 405, "takes" },
        { "POST", Member, Form, "operation=Down", 405, "takes" },
        { "DELETE", "/cluster/members/", null, null, 404, "no such path" },
        { "GET", "/explain", null, null, 400, "not an IP address" },
        { "GET", "/explain?from=10.244.1.1&to=%00", null, null, 400, "not an IP address" },
        { "GET", $"/explain?from={Long}&to=10.244.1.1", null, null, 400, "not an IP address" },
        { "GET", "/explain?from=10.244.1.1&to=fd00::1", null, null, 400, "IPv6" },

        { "POST", "/cluster/members", null, null, 415, "'address'" },
        { "POST", "/cluster/members", Json, """{"address":"127.0.0.1:1"}""", 415, "'address'" },
        { "POST", "/cluster/members", Form, "", 400, "'address' is missing" },
        { "POST", "/cluster/members", Form, "address=", 400, "'address' is missing" },
        { "POST", "/cluster/members", Form, "addres=127.0.0.1:1", 400, "'address' is missing" },
        { "POST", "/cluster/members", Form, "address=127.0.0.1:1&address=127.0.0.1:2", 400, "given 2 times" },
        { "POST", "/cluster/members", Form, $"address={Long}", 400, "longer than" },
        { "POST", "/cluster/members", Form, $"address={Huge}", 413, "64 KiB" },
        { "POST", "/cluster/members", Form, $"{new string('k', 500)}=1", 400, "cannot be read" },
        { "POST", "/cluster/members", Form, string.Concat(Enumerable.Repeat("a=1&", 100)), 400, "cannot be read" },
        { "POST", "/cluster/members", "multipart/form-data; boundary=x", "--x\r\nnonsense", 400, "cannot be read" },
        { "POST", "/cluster/members", Form, "address=seed.example.org:4053", 400, "not the address of a member" },
        { "POST", "/cluster/members", Form, "address=akka.tcp://other@127.0.0.1:4053", 400, "not the address of a member" },
        { "POST", "/cluster/members", Form, "address=127.0.0.1:70000", 400, "not the address of a member" },
        { "POST", "/cluster/members", Form, "address=%0d%0aX-Evil:1", 400, "not the address of a member" },
        { "POST", "/cluster/members", Form, "address=SELF", 409, "found a cluster of its own" },
        { "POST", "/cluster/members", Form, "address=127.0.0.1:1", 409, "this host is in a cluster" },

        { "GET", "/cluster/members/127.0.0.1:1", null, null, 404, "Member [127.0.0.1:1] not found" },
        { "GET", "/cluster/members/akka.tcp:%2F%2Foverlay@127.0.0.1:1", null, null, 404, "Member [akka.tcp://overlay@127.0.0.1:1] not found" },
        { "GET", "/cluster/members/../../etc/passwd", null, null, 404, "no such path" },
        { "GET", "/cluster/members/..%2F..%2Fetc%2Fpasswd", null, null, 404, "not found" },
        { "DELETE", "/cluster/members/SELF?drain=", null, null, 400, "drain ''" },
        { "DELETE", "/cluster/members/SELF?drain=soon", null, null, 400, "drain 'soon': not a duration" },
        { "DELETE", "/cluster/members/SELF?drain=99999d", null, null, 400, "drain '99999d'" },
        { "DELETE", "/cluster/members/SELF?drain=1m&drain=2m", null, null, 400, "drain '1m,2m'" },
        { "DELETE", $"{Member}?drain=1m", null, null, 404, "Member [127.0.0.1:1] not found" },
        { "DELETE", Member, null, null, 404, "Member [127.0.0.1:1] not found" },
        { "DELETE", "/cluster/members/%E2%80%AE%1b[2J", null, null, 404, "not found" },
        { "DELETE", $"/cluster/members/{Long}", null, null, 404, "not found" },
        { "DELETE", Member, Form, Huge, 413, "64 KiB" },
        { "PUT", Member, null, null, 415, "'operation'" },
        { "PUT", Member, Form, "operation=Down", 404, "Member [127.0.0.1:1] not found" },
        { "PUT", "/cluster/members/SELF", Form, "operation=Explode", 400, "Operation not supported" },
        { "PUT", "/cluster/members/SELF", Form, "operation=", 400, "'operation' is missing" },
        { "PUT", "/cluster/members/SELF?operation=Down", Form, "", 400, "'operation' is missing" },
        { "PUT", "/cluster/members/SELF", Form, "operation=Down&operation=Leave", 400, "given 2 times" },

        { "PUT", "/cluster", Form, "operation=Prepare-for-full-shutdown", 400, "Akka.NET has no such state" },
        { "PUT", "/cluster", Form, "operation=Down", 400, "Operation not supported" },
        { "PUT", "/cluster", null, null, 415, "'operation'" },

        { "GET", "/cluster/domain-events?type=MemberUp&type=Gossip", null, null, 400, "type 'Gossip': must be one of" },
        { "GET", "/cluster/domain-events?type=", null, null, 400, "type ''" },

        { "PUT", "/cluster/seats", Form, "seats=192.168.7.1:4053", 415, "JSON" },
        { "PUT", "/cluster/seats", Json, "", 400, "not the JSON" },
        { "PUT", "/cluster/seats", Json, "{", 400, "not the JSON" },
        { "PUT", "/cluster/seats", Json, "null", 400, "1, 3 or 5" },
        { "PUT", "/cluster/seats", Json, "{}", 400, "1, 3 or 5" },
        { "PUT", "/cluster/seats", Json, """{"seats":[]}""", 400, "1, 3 or 5" },
        { "PUT", "/cluster/seats", Json, """{"seats":"192.168.7.1:4053"}""", 400, "not the JSON" },
        { "PUT", "/cluster/seats", Json, """{"seats":[null]}""", 400, "not an address and port" },
        { "PUT", "/cluster/seats", Json, """{"seats":["1"]}""", 400, "not an address and port" },
        { "PUT", "/cluster/seats", Json, """{"seats":["akka.tcp://overlay@192.168.7.1:4053"]}""", 400, "not an address and port" },
        { "PUT", "/cluster/seats", Json, $$"""{"seats":["{{Huge}}"]}""", 413, "64 KiB" },

        { "GET", "/ledger/10.244.1.1%2F24", null, null, 400, "not a subnet" },
        { "GET", "/ledger/x", null, null, 400, "not a subnet" },
        { "DELETE", "/ledger/0.0.0.0%2F0x", null, null, 400, "not a subnet" },
        { "DELETE", "/ledger/10.244.1.0%2F24?force=yes", null, null, 400, "force 'yes'" },
        { "DELETE", "/ledger/10.244.1.0%2F24?force=true&force=true", null, null, 400, "force" },
        { "DELETE", "/ledger/10.244.1.0%2F24", null, null, 409, "" },
        { "PUT", "/reservations/10.244.7.0%2F24", null, null, 400, "not a host name" },
        { "PUT", "/reservations/10.244.7.0%2F24?host=a%20b", null, null, 400, "not a host name" },
        { "PUT", $"/reservations/10.244.7.0%2F24?host={Long}", null, null, 400, "not a host name" },
        { "PUT", "/reservations/nonsense?host=db9", null, null, 400, "not a subnet" },
        { "PUT", "/reservations/192.168.0.0%2F24?host=db9", null, null, 409, "" },
        { "DELETE", "/reservations/nonsense", null, null, 400, "not a subnet" },
        { "DELETE", "/reservations/10.244.7.0%2F24", null, null, 409, "not reserved" },

        // With If-Match: NetworkSetSpecs.
        { "PUT", "/network", null, null, 428, "If-Match" },
        { "PUT", "/network?dry-run=true", Json, "{}", 428, "If-Match" },
        { "PUT", "/network", Json, Huge, 413, "64 KiB" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task It_is_refused_with_a_reason_and_nothing_happens(string method, string path, string? media, string? body, int status, string reason)
    {
        var before = await State();
        using var http = api.Local();
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri(path)) { Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(Filled(body))) };
        if (media is not null)
            request.Content!.Headers.TryAddWithoutValidation("Content-Type", media);
        using var answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        Assert.Equal(Json, answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(reason, JsonDocument.Parse(text).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await State());
    }

    /// <summary>A path that changes something and is not in the table above is not known to refuse nonsense.</summary>
    [Fact]
    public void The_table_has_every_path_that_changes_something()
    {
        // Answers with a reason to nothing at all, having nothing that could be wrong.
        string[] without = ["POST /cluster/seats/recover"];
        var tried = Requests.Select(row => (Method: (string)row[0], Path: ((string)row[1]).Split('?')[0])).ToList();
        var changing = api.Guarded.EndPoints.OfType<RouteEndpoint>()
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (Method: method, Pattern: route.RoutePattern.RawText!)))
            .Where(route => route.Method != "GET" && !without.Contains($"{route.Method} {route.Pattern}"))
            .ToList();
        Assert.True(changing.Count >= 8, $"{changing.Count}");
        Assert.All(changing, route => Assert.Contains(tried, row => row.Method == route.Method && Matches(route.Pattern, row.Path)));
    }

    [Theory]
    [InlineData("GET /alive HTTP/1.1\r\nHost: x\r\nX: LONG\r\n\r\n", 431)]
    [InlineData("GET /LONG HTTP/1.1\r\nHost: x\r\n\r\n", 414)]
    [InlineData("NONSENSE\r\n\r\n", 400)]
    [InlineData("GET /alive HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /alive HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400)]
    public async Task What_is_no_proper_HTTP_ends_the_connection(string request, int status)
    {
        var before = await State();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(api.SocketPath));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Filled(request.Replace("LONG", new string('x', 20_000), StringComparison.Ordinal))));
        using var reader = new StreamReader(stream);
        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10)), StringComparison.Ordinal);
        Assert.Equal(before, await State());
    }

    /// <summary>A body of unknown length is cut where it becomes too long.</summary>
    [Fact]
    public async Task A_body_that_does_not_say_its_length_is_no_way_around_the_limit()
    {
        using var http = api.Local();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/cluster/members") { Content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes($"address={Huge}"))) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", Form);
        request.Headers.TransferEncodingChunked = true;
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static bool Matches(string pattern, string path)
    {
        int parameter = pattern.IndexOf('{', StringComparison.Ordinal);
        return parameter < 0 ? pattern == path : path.Length > parameter && path.StartsWith(pattern[..parameter], StringComparison.Ordinal);
    }

    private string Filled(string text) => text.Replace("SELF", api.Self, StringComparison.Ordinal);

    /// <summary>As it is written: dots and encoded slashes go out unchanged.</summary>
    private Uri Uri(string path) => new($"http://akka-overlay{Filled(path)}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private async Task<string> State() => JsonSerializer.Serialize(new
    {
        Members = await api.Cluster.Members(),
        Ledger = (await api.Ledger.Ledger())!.Leases.Select(lease => (lease.Subnet, lease.State, lease.ReservedFor)).ToString(),
        (await api.Ledger.Ledger())!.Revision,
        api.ToldToLeave,
    });
}
