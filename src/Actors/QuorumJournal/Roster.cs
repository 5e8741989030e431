namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>One seat, and the disk that counts for it.</summary>
/// <param name="Seat">Address and port of the core host: "192.168.7.1:4053".</param>
/// <param name="Store">
/// Identity of the seat's file, made when it is created: a seat that lost its disk comes back with another one and does not count until it is enrolled, since
/// it may have forgotten what it promised. <see cref="Guid.Empty"/>: no disk was ever enrolled.
/// </param>
public sealed record SeatHolder(string Seat, Guid Store);

/// <summary>Whose acceptance counts. Kept by the seats themselves beside the log, so that no host's command line can change who decides.</summary>
/// <param name="Ledger">Made when the ledger was founded: seats of two ledgers never mix.</param>
public sealed record Roster(Guid Ledger, EquatableArray<SeatHolder> Holders)
{
    public int Quorum => (Holders.Count / 2) + 1;

    public IEnumerable<string> Seats => Holders.Select(holder => holder.Seat);

    public SeatHolder? Of(string seat) => Holders.FirstOrDefault(holder => holder.Seat == seat);

    public bool Counts(string seat, Guid store) => store != Guid.Empty && Of(seat)?.Store == store;

    public int CountOf(Func<SeatHolder, bool> accepted) => Holders.AsEnumerable().Count(holder => holder.Store != Guid.Empty && accepted(holder));

    /// <summary>
    /// Whether going over to the other roster in one step can be finished by those who are in both: what a step brings in anew may be absent for long.
    /// </summary>
    public bool CanBecome(Roster next) => next.Holders.AsEnumerable().Count(holder => Holders.Contains(holder)) >= Math.Max(next.Quorum, Math.Min(Quorum, next.Holders.Count));

    public override string ToString() => string.Join(", ", Seats);
}
