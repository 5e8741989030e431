namespace AkkaOverlay.Actors.Network;

/// <summary>Back end <c>vxlan</c>: RFC 7348 tunnels made by the kernel, device <c>flannel.&lt;VNI&gt;</c>.</summary>
public sealed record VxlanConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "vxlan";

    /// <summary>The kernel's own default, not IANA's 4789 (drivers/net/vxlan/vxlan_core.c, <c>vxlan_port</c>).</summary>
    public const int DefaultPort = 8472;

    /// <summary>Inner Ethernet 14, VXLAN 8, UDP 8, IPv6 40.</summary>
    internal const int HeadersOverIPv6 = 70;

    /// <summary>VXLAN network identifier, 1 to 16777215 (24 bits).</summary>
    public int Vni { get; init; } = 1;

    /// <summary>UDP destination port, 1 to 65535. A file may say 0 for the default.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>MTU of the underlay in octets, 576 to 65535; 0 takes the smallest of the hosts' interfaces.</summary>
    public int Mtu { get; init; }

    public override int? OuterMtu => Mtu > 0 ? Mtu : null;

    /// <summary>Group policy extension (<c>IFLA_VXLAN_GBP</c>).</summary>
    public bool Gbp { get; init; }

    /// <summary>Lets the device learn VTEPs from what arrives (<c>IFLA_VXLAN_LEARNING</c>).</summary>
    public bool Learning { get; init; }

    /// <summary>Plain routes to hosts that are reachable without a gateway.</summary>
    public bool DirectRouting { get; init; }

    internal static VxlanConfig Read(JsonFields options)
    {
        int port = options.Number("Port", DefaultPort, 1, MaxUInt16, alsoZero: true);
        return new VxlanConfig
        {
            Vni = options.Number("VNI", 1, 1, 0xFF_FFFF),
            Port = port == 0 ? DefaultPort : port,
            Mtu = options.Number("MTU", 0, MinMtu, MaxUInt16, alsoZero: true),
            Gbp = options.Flag("GBP", false),
            Learning = options.Flag("Learning", false),
            DirectRouting = options.Flag("DirectRouting", false),
        };
    }

    internal override void Write(OptionWriter options)
    {
        options.Number("VNI", Vni);
        options.Number("Port", Port);
        options.Number("MTU", Mtu);
        options.Flag("GBP", Gbp);
        options.Flag("Learning", Learning);
        options.Flag("DirectRouting", DirectRouting);
    }

    internal override void CheckWith(NetworkConfig network) => CheckMtuForIPv6(network, Mtu, HeadersOverIPv6);
}
