using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Waits on a UDP port of both families for forged packets, and counts those that a host's guard dropped.</summary>
internal sealed class Ambush : IDisposable
{
    public const int Port = 7777;

    private readonly UdpClient listener;

    public Ambush(NetworkNamespace where) => listener = where.Run(() =>
    {
        var client = new UdpClient(AddressFamily.InterNetworkV6);
        client.Client.DualMode = true;
        client.Client.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        return client;
    });

    /// <summary>Sends it three times; it must arrive.</summary>
    public async Task Passes(NetworkNamespace from, string text, Action<string> send)
    {
        Send(from, text, send);
        Assert.True(await Arrives(text), $"{text}: did not arrive");
    }

    /// <summary>Sends it three times; it must not arrive, and be counted.</summary>
    /// <param name="guard">The host whose guard counts.</param>
    /// <param name="rule">The comment of the rule.</param>
    public async Task Dropped(NetworkNamespace from, string text, NetworkNamespace guard, string rule, Action<string> send)
    {
        long before = (await Drops(guard)).GetValueOrDefault(rule);
        Send(from, text, send);
        Assert.False(await Arrives(text), $"{text}: came through");
        // The sender may have to find its neighbour first.
        long counted = 0;
        for (int i = 0; i < 50 && counted < 3; i++)
        {
            await Task.Delay(i == 0 ? 0 : 100);
            counted = await Dropped(guard, rule) - before;
        }
        Assert.True(counted >= 3, $"{text}: {counted} counted as '{rule}'");
        Assert.False(await Arrives(text), $"{text}: came through late");
    }

    /// <summary>Packets that the guard's rules of this comment have dropped: nft's own count.</summary>
    public static async Task<long> Dropped(NetworkNamespace inside, string comment) => (await Drops(inside))[comment];

    /// <summary>All counts of a host's guard, by comment.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> Drops(NetworkNamespace inside)
    {
        var counts = new Dictionary<string, long>();
        var list = JsonDocument.Parse((await Command.Run(inside, "nft", "-j", "list", "table", "inet", "akka-overlay")).Output).RootElement.GetProperty("nftables");
        foreach (var item in list.EnumerateArray())
        {
            if (!item.TryGetProperty("rule", out var rule) || !rule.GetProperty("expr").EnumerateArray().Any(part => part.TryGetProperty("drop", out _)))
                continue;
            string comment = rule.GetProperty("comment").GetString()!;
            counts[comment] = counts.GetValueOrDefault(comment)
                + rule.GetProperty("expr").EnumerateArray().First(part => part.TryGetProperty("counter", out _)).GetProperty("counter").GetProperty("packets").GetInt64();
        }
        return counts;
    }

    public async Task<bool> Arrives(string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        try
        {
            while (true)
            {
                if (Encoding.ASCII.GetString((await listener.ReceiveAsync(patience.Token)).Buffer) == text)
                    return true;
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => listener.Dispose();

    private static void Send(NetworkNamespace from, string text, Action<string> send)
    {
        for (int i = 0; i < 3; i++)
            from.Run(() => send(text));
    }
}
