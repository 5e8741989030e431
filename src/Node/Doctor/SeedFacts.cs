using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Doctor;

/// <summary>Tries every seed at once.</summary>
internal static class SeedFacts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <param name="mine">A seed that is this host itself need not answer.</param>
    public static async Task<IReadOnlyList<SeedFact>> Read(IReadOnlyList<SeedEntry> seeds, IReadOnlyList<IPAddress> mine) => await Task.WhenAll(seeds.Select(seed => Try(seed, mine)));

    private static async Task<SeedFact> Try(SeedEntry seed, IReadOnlyList<IPAddress> mine)
    {
        using var patience = new CancellationTokenSource(Patience);
        IPAddress? address;
        try
        {
            address = AddressMath.TryParseStrict(seed.Host, out var literal) ? literal : SeedEntry.Choose(await Dns.GetHostAddressesAsync(seed.Host, patience.Token));
            if (address is null)
                return new SeedFact(seed, false, "the name has no address");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return new SeedFact(seed, false, $"the name cannot be resolved ({(e is SocketException ? e.Message : "no answer")})");
        }
        if (mine.Contains(address))
            return new SeedFact(seed, true, null);
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(address, seed.Port), patience.Token);
            return new SeedFact(seed, true, null);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return new SeedFact(seed, true, $"{address} does not take TCP {seed.Port} ({(e is SocketException ? e.Message : $"no answer within {Patience.TotalSeconds} s")})");
        }
    }
}
