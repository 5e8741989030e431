using System.Runtime.CompilerServices;

namespace AkkaOverlay.Node.Api;

/// <summary>Reads server-sent events from a node, each of which has its data on one line.</summary>
internal static class EventStreamReader
{
    private const string Data = "data:";

    /// <summary>A node that lives writes a line at least every <see cref="ClusterEventStream.Heartbeat"/>.</summary>
    private static readonly TimeSpan Patience = ClusterEventStream.Heartbeat * 3;

    /// <param name="socketPath">For messages.</param>
    /// <returns>The data of each event, until the node ends the stream.</returns>
    /// <exception cref="ApiException">The node is not heard any more.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, string socketPath, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = new StreamReader(stream);
        while (await Line(reader, socketPath, cancel) is { } line)
        {
            if (line.StartsWith(Data, StringComparison.Ordinal))
                yield return line[Data.Length..];
        }
    }

    private static async Task<string?> Line(StreamReader reader, string socketPath, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            return await reader.ReadLineAsync(patience.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new ApiException($"akka-overlay at {socketPath} is silent for {Patience.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new ApiException($"akka-overlay at {socketPath} has gone", e);
        }
    }
}
