namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>ipip</c>: IPv4 in IPv4 (RFC 2003), device <c>flannel.ipip</c>.</summary>
public sealed record IpipConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "ipip";

    /// <summary>Plain routes to hosts that are reachable without a gateway.</summary>
    public bool DirectRouting { get; init; }

    internal static IpipConfig Read(JsonFields options) => new() { DirectRouting = options.Flag("DirectRouting", false) };

    internal override void Write(OptionWriter options) => options.Flag("DirectRouting", DirectRouting);

    internal override void CheckWith(NetworkConfig network)
    {
        if (network.EnableIPv6)
            throw new NetConfException("EnableIPv6", "true", "must be false with back end ipip, which carries IPv4 only");
    }
}
