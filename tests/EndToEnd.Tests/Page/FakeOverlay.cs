using System.Diagnostics;
using System.Text.Json;
using AkkaOverlay.Node.Page;

namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>Views of an overlay that is not there: any number of hosts, some of them in trouble, with traffic that goes on.</summary>
/// <param name="trouble">False for an overlay that is well.</param>
internal sealed class FakeOverlay(int hosts, bool trouble = true)
{
    private const int PoolSize = 1024;

    private readonly long began = Stopwatch.GetTimestamp();

    /// <summary>Names of hosts, by place; others have usual ones.</summary>
    public Dictionary<int, string> Names { get; } = [];

    public List<PageEvent> Events { get; } = [];

    /// <summary>What hosts that cannot be reached said last of their ways.</summary>
    public char LastWord { get; init; } = 'a';

    public Task<byte[]> JsonAsync() => Task.FromResult(JsonSerializer.SerializeToUtf8Bytes(View(), PageJson.Default.PageView));

    public PageView View()
    {
        var now = Stopwatch.GetElapsedTime(began);
        var all = Enumerable.Range(0, hosts).Select(place => Host(place, now)).ToList();
        var taken = Enumerable.Range(0, hosts).Select(place => new PageSubnet(place, Subnet(place), "held", place, Name(place), null)).ToList();
        taken.Add(new PageSubnet(PoolSize - 10, Subnet(PoolSize - 10), "reserved", -1, "db-1", null));
        taken.Add(new PageSubnet(PoolSize - 8, Subnet(PoolSize - 8), "quarantined", -1, "gone-7", 1234));
        return new PageView(
            new PageSelf(all[0].Id, all[0].Name, "0.1.0", null),
            new PageNetwork(["10.244.0.0/14"], "vxlan", 1450, 1, 731, true, 2),
            new PageCluster("Up", null, 3, 3, Math.Min(1, hosts - 1), true),
            all,
            [new PagePool("IPv4", "10.244.0.0/14", "10.244.1.0", "10.247.255.0", 24, PoolSize, hosts, 1, 1, PoolSize - hosts - 2, taken)],
            new PageWays([.. Enumerable.Range(0, hosts).Select(Row)], [.. Enumerable.Range(0, hosts).Select(RoundTrips)]),
            [.. Events]);
    }

    public string Name(int place) => Names.GetValueOrDefault(place) ?? $"{(place % 5) switch { 0 => "web", 1 => "app", 2 => "db", 3 => "cache", _ => "edge" }}-{(place / 5) + 1}";

    public static string Subnet(int place) => $"10.{244 + ((place + 1) / 256)}.{(place + 1) % 256}.0/24";

    private string StateOf(int place) => !trouble || place < 3 ? HostState.Ok : (place % 97) switch
    {
        5 => HostState.Unreachable,
        11 => HostState.NotReady,
        17 => HostState.Away,
        23 => HostState.Joining,
        31 => HostState.Silent,
        _ => HostState.Ok,
    };

    private PageHost Host(int place, TimeSpan now)
    {
        string state = StateOf(place);
        bool away = state == HostState.Away;
        long clock = 1_000_000 + (long)now.TotalMilliseconds;
        double speed = (200_000 + (place * 7919 % 900_000)) * (1 + Math.Sin((now.TotalSeconds / 9) + place));
        long bytes = (long)(speed * now.TotalSeconds) + 5_000_000_000;
        return new PageHost(
            new Guid(place + 1, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]).ToString(), Name(place), state, [Subnet(place)], [$"192.168.{place / 250}.{(place % 250) + 1}"], ["vxlan"],
            away ? null : $"192.168.{place / 250}.{(place % 250) + 1}:4053", away ? null : "Up", place < 3 ? ["core"] : [], place < 3, place == 0, 3,
            away ? null : place == 0 ? 0 : 1.2, away ? null : "0.1.0", away ? null : 86_000 + place, state == HostState.NotReady ? "tunnels: 1 object missing" : null,
            away ? null : new PageTraffic("flannel.1", clock, bytes, bytes / 900, bytes / 2, bytes / 1800));
    }

    private string Row(int from) => string.Create(hosts, from, (row, sender) =>
    {
        for (int to = 0; to < row.Length; to++)
        {
            string receiver = StateOf(to);
            row[to] = to == sender ? PageWayLetters.Self
                : StateOf(sender) is HostState.Away or HostState.Joining ? PageWayLetters.Unknown
                : receiver is HostState.Unreachable or HostState.Away ? 's'
                : StateOf(sender) is HostState.Unreachable or HostState.Silent ? LastWord
                : trouble && hosts > 5 && (sender * 31) + to == (hosts * 7) + 3 ? 'l'
                : 'a';
        }
    });

    private int[] RoundTrips(int from) => [.. Enumerable.Range(0, hosts).Select(to => to == from ? 0 : 180 + ((from * 37) + (to * 11)) % 400)];
}
