using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>A log or a snapshot on its way to one seat, a few pieces at a time.</summary>
internal sealed class OutgoingPieces(Guid transfer, ByteString whole, long? snapshot, int size, TimeSpan now)
{
    /// <summary>Pieces under way at once.</summary>
    private const int Window = 4;

    private readonly HashSet<int> underWay = [];
    private int next;

    public Guid Transfer { get; } = transfer;

    public long? Snapshot { get; } = snapshot;

    public int Count { get; } = Actors.QuorumJournal.Pieces.CountOf(whole, size);

    public TimeSpan LastProgress { get; private set; } = now;

    /// <summary>What may be sent now.</summary>
    public IEnumerable<SeatProtocol.Piece> Take(Epoch epoch)
    {
        while (next < Count && underWay.Count < Window)
        {
            underWay.Add(next);
            yield return Piece(epoch, next++);
        }
    }

    public void Taken(int index, TimeSpan now)
    {
        if (underWay.Remove(index))
            LastProgress = now;
    }

    /// <summary>What was sent and not answered; all of it where every answer is in, but the one that says that the whole has arrived.</summary>
    public IReadOnlyList<SeatProtocol.Piece> Again(Epoch epoch, TimeSpan now)
    {
        LastProgress = now;
        if (underWay.Count == 0 && next == Count)
        {
            // The seat began anew and forgot the pieces.
            next = 0;
            return [.. Take(epoch)];
        }
        return [.. underWay.Order().Select(index => Piece(epoch, index))];
    }

    private SeatProtocol.Piece Piece(Epoch epoch, int index) => new(epoch, Transfer, Snapshot, index, Count, Actors.QuorumJournal.Pieces.Cut(whole, index, size));
}
