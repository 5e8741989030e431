namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>
/// A writer's term of office: totally ordered, and no two writers ever have the same one. A seat that promised an epoch takes nothing from an older one.
/// </summary>
/// <param name="Round">From 1; 0 is <see cref="None"/>.</param>
/// <param name="Writer">Random for every opening, so that a writer that forgot its rounds cannot repeat one of them.</param>
public readonly record struct Epoch(long Round, Guid Writer) : IComparable<Epoch>
{
    public static readonly Epoch None;

    public static bool operator <(Epoch left, Epoch right) => left.CompareTo(right) < 0;

    public static bool operator >(Epoch left, Epoch right) => left.CompareTo(right) > 0;

    public static bool operator <=(Epoch left, Epoch right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Epoch left, Epoch right) => left.CompareTo(right) >= 0;

    public int CompareTo(Epoch other) => Round != other.Round ? Round.CompareTo(other.Round) : Writer.CompareTo(other.Writer);

    public override string ToString() => $"{Round}/{Writer.ToString()[..8]}";
}
