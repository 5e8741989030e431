using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class SessionIndexSpecs : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void What_was_taken_is_found()
    {
        var index = new SessionIndex(4);
        var entry = index.Take(_hosts.ToRight);
        Assert.Same(entry, index.Find(entry.Index));
        Assert.Same(_hosts.ToRight, entry.Peer);
        Assert.Null(entry.Session);
        Assert.Equal(1, index.Count);
        index.Release(entry);
        index.Release(entry);
        Assert.Null(index.Find(entry.Index));
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void Only_the_whole_index_finds()
    {
        var index = new SessionIndex(4);
        var entry = index.Take(_hosts.ToRight);
        for (int bit = 0; bit < 32; bit++)
            Assert.Null(index.Find(entry.Index ^ (1u << bit)));
    }

    [Fact]
    public void A_stale_index_never_finds_what_came_after()
    {
        var index = new SessionIndex(2);
        var given = new HashSet<uint>();
        var random = new Random(3);
        var held = new List<SessionEntry>();
        for (int i = 0; i < 20_000; i++)
        {
            if (held.Count > 0 && random.Next(100) < 49)
            {
                int which = random.Next(held.Count);
                index.Release(held[which]);
                held.RemoveAt(which);
            }
            else
            {
                var entry = index.Take(_hosts.ToRight);
                Assert.True(given.Add(entry.Index), "An index was given out twice.");
                held.Add(entry);
            }
        }
        Assert.All(held, entry => Assert.Same(entry, index.Find(entry.Index)));
        Assert.All(given.Except(held.Select(entry => entry.Index)), stale => Assert.Null(index.Find(stale)));
    }

    [Fact]
    public void Ten_thousand_peers_have_room()
    {
        var index = new SessionIndex();
        SessionEntry[] entries = [.. Enumerable.Range(0, 40_000).Select(_ => index.Take(_hosts.ToRight))];
        Assert.Equal(40_000, entries.Select(entry => entry.Index).Distinct().Count());
        Assert.All(entries, entry => Assert.Same(entry, index.Find(entry.Index)));
    }

    [Fact]
    public async Task Readers_find_throughout_growth()
    {
        var index = new SessionIndex(2);
        var first = index.Take(_hosts.ToRight);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            int missed = 0;
            while (!stop.IsCancellationRequested)
                missed += index.Find(first.Index) == first ? 0 : 1;
            return missed;
        });
        for (int i = 0; i < 50_000; i++)
            index.Take(_hosts.ToRight);
        await stop.CancelAsync();
        Assert.Equal(0, await reader);
    }

    [Fact]
    public void Indexes_begin_by_chance() =>
        Assert.True(Enumerable.Range(0, 8).Select(_ => new SessionIndex(4).Take(_hosts.ToRight).Index >> 2).Distinct().Count() > 1);
}
