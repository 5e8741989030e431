namespace AkkaOverlay.Actors.Explain;

/// <summary>Which part of a packet's way is asked about.</summary>
public enum PathSide
{
    Unknown = 0,

    /// <summary>From the source to the underlay.</summary>
    Sending = 1,

    /// <summary>From the underlay to the destination.</summary>
    Arriving = 2,

    /// <summary>Both ends are on one host.</summary>
    Local = 3,
}
