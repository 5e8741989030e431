namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>What one turn of a loop has found.</summary>
internal enum Pumped
{
    Nothing,

    /// <summary>One packet, or one lot that came as one: somebody may wait for it alone.</summary>
    One,

    /// <summary>Several, and then no more.</summary>
    Several,

    /// <summary>As many as a turn takes: there may be more.</summary>
    Full,
}
