namespace AkkaOverlay.Actors.Firewall;

/// <summary>Parts of the guard that not every kernel and every nft can do: each may be absent without the others.</summary>
[Flags]
public enum NftFeatures
{
    None = 0,

    /// <summary>A packet must come in by the device that leads to its sender (nft_fib): a tunnel packet from a container's bridge does not.</summary>
    Path = 1,

    /// <summary>Inner senders are bound to outer ones by a set of concatenated ranges (kernel 5.6, nft 0.9.4).</summary>
    Binding = 2,

    All = Path | Binding,
}
