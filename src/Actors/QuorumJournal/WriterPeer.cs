namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What the ledger's writer knows of one seat, in one epoch.</summary>
internal sealed class WriterPeer(string seat)
{
    public string Seat { get; } = seat;

    /// <summary>What it had when it last told; null before it said anything in this epoch.</summary>
    public SeatSummary? Have { get; set; }

    /// <summary>It has this epoch's log, up to <see cref="Last"/>.</summary>
    public bool Follows { get; set; }

    public Guid Store { get; set; }

    public long Last { get; set; }

    public long Base { get; set; }

    public bool Settled { get; set; }

    /// <summary>The latest question that it answered.</summary>
    public long Answered { get; set; }

    /// <summary>Entries up to here are under way.</summary>
    public long SentTo { get; set; }

    public TimeSpan LastSent { get; set; }

    /// <summary>Questions go on all the time: they must not keep lost entries from being sent again.</summary>
    public TimeSpan EntriesSent { get; set; }

    public OutgoingPieces? Pieces { get; set; }

    public bool Has(SeatHolder holder, long seq) => Follows && Store == holder.Store && Last >= seq;
}
