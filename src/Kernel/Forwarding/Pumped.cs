namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>What one turn of a loop has found.</summary>
internal enum Pumped
{
    Nothing,

    /// <summary>One packet: somebody may wait for it alone.</summary>
    One,

    /// <summary>One lot that came as one: a packet that the kernel left whole, or datagrams that it gave in one call.</summary>
    Train,

    /// <summary>Several, and then no more.</summary>
    Several,

    /// <summary>As many as a turn takes: there may be more.</summary>
    Full,
}
