namespace AkkaOverlay.Actors.View;

/// <summary>Something that an operator may want to have seen.</summary>
/// <param name="Number">Counts up within its ring: tells two alike apart.</param>
/// <param name="Host">Whom it is about: a host's name, or "address:port" of a member; empty for the host that says it.</param>
/// <param name="Age">When it was asked for, in whole milliseconds.</param>
public sealed record OverlayEvent(long Number, EventKind Kind, EventWeight Weight, string Host, string Text, TimeSpan Age);

/// <summary>Numbers are those of the wire.</summary>
public enum EventKind
{
    Other = 0,
    Lease = 1,
    Member = 2,
    Repair = 3,
    Network = 4,
    Ledger = 5,
}

/// <summary>Numbers are those of the wire.</summary>
public enum EventWeight
{
    /// <summary>As it should be.</summary>
    Normal = 0,

    /// <summary>Worth a look.</summary>
    Warning = 1,

    Error = 2,
}
