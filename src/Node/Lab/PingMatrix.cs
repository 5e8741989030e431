using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Node.Lab;

/// <summary>Pings from every container to every other.</summary>
public static class PingMatrix
{
    /// <summary>
    /// Pairs at a time: enough that a thousand lost pairs are known in seconds, few enough that the machine does not measure itself.
    /// </summary>
    private const int Parallelism = 64;

    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(20);

    /// <param name="count">Requests for each pair.</param>
    /// <param name="timeout">For each reply, and for one request before that is not counted; 1 s where it is not said.</param>
    /// <param name="family">Hosts without an address of it count as lost.</param>
    public static async Task<PingMatrixResult> RunAsync(
        IReadOnlyList<LabHost> hosts,
        int count = 3,
        TimeSpan? timeout = null,
        AddressFamily family = AddressFamily.InterNetwork,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        var cells = new PingCell?[hosts.Count, hosts.Count];
        var pairs = from row in Enumerable.Range(0, hosts.Count)
                    from column in Enumerable.Range(0, hosts.Count)
                    where row != column
                    select (row, column);
        var patience = timeout ?? TimeSpan.FromSeconds(1);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancel };
        await Parallel.ForEachAsync(pairs, options, async (pair, token) =>
            cells[pair.row, pair.column] = await PingAsync(hosts[pair.row], AddressOf(hosts[pair.column], family), count, patience, token));
        return new PingMatrixResult([.. hosts.Select(host => host.Name)], cells);
    }

    private static IPAddress? AddressOf(LabHost host, AddressFamily family) =>
        family == AddressFamily.InterNetworkV6 ? host.ContainerAddress6 : host.ContainerAddress;

    /// <summary>A short distance apart and not one after the other, or a dead pair would take as many timeouts as requests.</summary>
    private static async Task<PingCell> PingAsync(LabHost from, IPAddress? to, int count, TimeSpan timeout, CancellationToken cancel)
    {
        if (to is null)
            return new PingCell(count, 0, null);
        // The first packet also pays for ARP or NDP on the containers' own bridges, which may take a second: not what is measured here.
        await from.Pinger.PingAsync(to, timeout, cancel: cancel);
        var replies = new Task<TimeSpan?>[count];
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
                await Task.Delay(Spacing, cancel);
            replies[i] = from.Pinger.PingAsync(to, timeout, cancel: cancel);
        }
        var times = (await Task.WhenAll(replies)).OfType<TimeSpan>().ToArray();
        return new PingCell(count, times.Length, times.Length == 0 ? null : times.Min());
    }
}

/// <param name="Best">Shortest round-trip time; null where nothing was answered.</param>
public sealed record PingCell(int Sent, int Received, TimeSpan? Best)
{
    public bool IsComplete => Received == Sent;

    public bool IsLost => Received == 0;
}

/// <summary>Rows are senders, columns are receivers, in the order of the hosts.</summary>
public sealed class PingMatrixResult(IReadOnlyList<string> names, PingCell?[,] cells)
{
    public IReadOnlyList<string> Names { get; } = names;

    /// <summary>Null on the diagonal.</summary>
    public PingCell? this[int from, int to] => cells[from, to];

    public IEnumerable<(string From, string To, PingCell Cell)> Pairs =>
        from row in Enumerable.Range(0, Names.Count)
        from column in Enumerable.Range(0, Names.Count)
        where row != column
        select (Names[row], Names[column], cells[row, column]!);

    /// <summary>True where every pair answers every request.</summary>
    public bool IsComplete => Pairs.All(pair => pair.Cell.IsComplete);
}
