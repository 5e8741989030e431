using System.Net;
using AkkaOverlay.Actors.Tests;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Tests.Api;

/// <summary>What strangers may cost a node over TCP.</summary>
public sealed class ApiRateSpecs(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public void So_many_at_once_and_then_so_many_a_second()
    {
        var time = new ManualTime();
        var rate = new RequestRate(3, 2, time);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => rate.Take()));
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => rate.Take()));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => rate.Take()));
    }

    [Fact]
    public void One_address_does_not_take_all_connections_up()
    {
        var limit = new ConnectionLimit(6, 2);
        var (one, other) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => limit.Enter(one)));
        Assert.False(limit.Enter(one.MapToIPv6()));
        Assert.True(limit.Enter(other));
        limit.Leave(one);
        Assert.True(limit.Enter(one));
        // A proxy of this host's is everybody.
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => limit.Enter(IPAddress.Loopback)));
    }

    [Fact]
    public void A_network_of_64_bits_is_one_address()
    {
        var limit = new ConnectionLimit(6, 2);
        Assert.Equal([true, true, false, true], new[] { "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1" }.Select(address => limit.Enter(IPAddress.Parse(address))));
    }

    [Fact]
    public async Task A_flood_of_refused_requests_is_a_few_lines_in_the_log_and_a_number()
    {
        using var http = ApiFixture.Over(api.Guarded);
        for (int i = 0; i < 200; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.DeleteAsync("/cluster/members/127.0.0.1:1")).StatusCode);
        // One a second after that.
        Assert.InRange(Told(), ApiLimits.RefusalsTold, ApiLimits.RefusalsTold + 20);
        await ApiFixture.Eventually(async () =>
        {
            await http.DeleteAsync("/cluster/members/127.0.0.1:1");
            return api.Log.Lines.Any(line => line.Category == Audit.Category && line.Text.Contains("refused requests over TCP were not written down", StringComparison.Ordinal));
        });
        // Who is this host's own operator is written down each time, and so is whoever has the token.
        int before = api.Log.Lines.Count;
        using var local = api.Local();
        for (int i = 0; i < 30; i++)
            await local.DeleteAsync("/cluster/members/127.0.0.1:1");
        Assert.Equal(30, api.Log.Lines.Skip(before).Count(line => line.Text.Contains("this host's socket", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_packet_s_way_is_not_asked_for_without_end_over_TCP()
    {
        using var http = ApiFixture.Over(api.ReadOnly);
        var said = new List<HttpStatusCode>();
        for (int i = 0; i < 40; i++)
            said.Add((await http.GetAsync("/explain?from=x&to=y")).StatusCode);
        Assert.All(said.Take(ApiLimits.Explanations), status => Assert.Equal(HttpStatusCode.BadRequest, status));
        Assert.Contains(HttpStatusCode.TooManyRequests, said);
        using var local = api.Local();
        for (int i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await local.GetAsync("/explain?from=x&to=y")).StatusCode);
    }

    private int Told() => api.Log.Lines.Count(line => line.Category == Audit.Category && line.Text.Contains("somebody without a token", StringComparison.Ordinal));
}
