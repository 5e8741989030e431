namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What the ledger's writer wants done, or has to say.</summary>
public abstract record WriterEffect
{
    private WriterEffect()
    {
    }

    public sealed record Send(string Seat, SeatProtocol.IRequest Message) : WriterEffect;

    /// <summary>The journal is open: this is the ledger, and nobody with an older epoch can change it any more.</summary>
    public sealed record Opened(LedgerLog Log) : WriterEffect;

    /// <summary>The entries of this append are on the disks of a majority.</summary>
    public sealed record Written(long Id) : WriterEffect;

    /// <summary>At some moment after the question, a majority still followed this writer.</summary>
    public sealed record Confirmed(long Id) : WriterEffect;

    /// <summary>The snapshot is on the disks of a majority, and the entries that it stands for are gone there.</summary>
    public sealed record Compacted(long Seq) : WriterEffect;

    /// <summary>Another roster decides from now on.</summary>
    public sealed record RosterChanged(Roster Roster) : WriterEffect;

    /// <summary>The operator's change of seats was not made; everything is as it was.</summary>
    public sealed record ChangeRefused(string Reason) : WriterEffect;

    /// <summary>Something that an operator should know, and that stops nothing.</summary>
    public sealed record Noted(string What) : WriterEffect;

    /// <summary>The writer is closed. What was under way may or may not be in the ledger: who opens it next will see.</summary>
    /// <param name="TakenOver">Another writer is at work.</param>
    public sealed record Failed(string Reason, bool TakenOver) : WriterEffect;
}

/// <param name="Self">This host's own seat: its copy of the log is the cheapest.</param>
/// <param name="Seeds">The seed list, sorted: who decides where nothing is founded yet, and whom to ask who decides now.</param>
/// <param name="Bootstrap">The operator says that the missing seats of a new ledger need not be waited for.</param>
public sealed record WriterSettings(string Self, EquatableArray<string> Seeds, bool Bootstrap)
{
    /// <summary>Octets of a piece of a log, and of the entries in one message, about: a simulation makes them small.</summary>
    internal int PieceSize { get; init; } = Seat.DefaultPieceSize;
}
