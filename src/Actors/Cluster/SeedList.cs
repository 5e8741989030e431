using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>One seat of the core: a seed entry as typed, with the address that it stands for.</summary>
/// <param name="Text">As typed: what an operator recognises.</param>
/// <param name="Port">1 to 65,535.</param>
public sealed record Seed(string Text, IPAddress Address, int Port)
{
    public IPEndPoint EndPoint => new(Address, Port);
}

/// <summary>The core's seats, the same on every host: sorted and without duplicates, whatever the order in which they were typed.</summary>
public sealed class SeedList
{
    private SeedList(IReadOnlyList<Seed> seeds) => Seeds = seeds;

    public IReadOnlyList<Seed> Seeds { get; }

    /// <summary>The seats as Akka addresses, in the same order.</summary>
    public IEnumerable<string> Addresses => Seeds.Select(seed => OverlayAddress.Of(seed.Address, seed.Port));

    /// <summary>How many seats decide: more than half of those that were typed, whoever is there.</summary>
    public int Quorum => (Seeds.Count / 2) + 1;

    /// <summary>Address and port of each, as the ledger names its seats.</summary>
    public EquatableArray<string> Seats => Seeds.Select(seed => seed.EndPoint.ToString()).ToEquatableArray();

    /// <exception cref="ArgumentException">The number of seats is not 1, 3 or 5, or two entries are one address.</exception>
    public static SeedList Of(IEnumerable<Seed> seeds)
    {
        var typed = seeds.ToList();
        foreach (var same in typed.GroupBy(seed => seed.EndPoint).Where(group => group.Select(seed => seed.Text).Distinct().Count() > 1))
            throw new ArgumentException($"the seeds {string.Join(" and ", same.Select(seed => seed.Text).Distinct())} are one address ({same.Key}): name each host once");
        var sorted = typed.DistinctBy(seed => seed.EndPoint).OrderBy(seed => seed.Address.ToString(), StringComparer.Ordinal).ThenBy(seed => seed.Port).ToList();
        return sorted.Count switch
        {
            1 or 3 or 5 => new SeedList(sorted),
            2 or 4 => throw new ArgumentException(
                $"{sorted.Count} seeds: a majority of {sorted.Count} is {(sorted.Count / 2) + 1}, so they bear no more failures than {sorted.Count - 1}; give 1, 3 or 5"),
            0 => throw new ArgumentException("no seed: give --seed HOST[:PORT], the same list on every host"),
            _ => throw new ArgumentException($"{sorted.Count} seeds: give 1, 3 or 5; every other host joins without being one"),
        };
    }

    /// <summary>The seat of the host with these addresses and this port; null for a plain host.</summary>
    /// <param name="mine">Addresses of this host's devices and its public ones; loopback never counts, since some systems map their own name to it.</param>
    public Seed? SeatOf(IEnumerable<IPAddress> mine, int port)
    {
        var addresses = mine.Where(address => !IPAddress.IsLoopback(address)).ToHashSet();
        return Seeds.FirstOrDefault(seed => seed.Port == port && addresses.Contains(seed.Address));
    }
}

/// <summary>The only place where Akka addresses are made.</summary>
public static class OverlayAddress
{
    public const string SystemName = "overlay";

    public const int DefaultPort = 4053;

    public const string Scheme = "akka.tcp";

    public static string Of(IPAddress address, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{SystemName}@{HostPart(address)}:{port}");

    /// <summary>As HOCON's hostname wants it: IPv6 without brackets.</summary>
    public static string HostName(IPAddress address) => address.ToString();

    private static string HostPart(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
