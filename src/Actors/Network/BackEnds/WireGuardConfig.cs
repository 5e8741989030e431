using System.Text.Json;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.Network;

/// <summary>Which address family carries the tunnels of the wireguard back end.</summary>
public enum WireGuardMode
{
    /// <summary>A device for each family: <c>flannel-wg</c> and <c>flannel-wg-v6</c>.</summary>
    Separate,

    /// <summary>One device; for each peer the family by which it can be reached.</summary>
    Auto,

    /// <summary>One device with IPv4 endpoints.</summary>
    IPv4,

    /// <summary>One device with IPv6 endpoints.</summary>
    IPv6,
}

/// <summary>Back end <c>wireguard</c>: encrypted tunnels made by the kernel.</summary>
public sealed record WireGuardConfig() : BackEndConfig(TypeName)
{
    public const string TypeName = "wireguard";

    /// <summary>WireGuard data header and tag 32, UDP 8, IPv6 40.</summary>
    internal const int HeadersOverIPv6 = 80;

    private static readonly WireGuardMode[] Modes = Enum.GetValues<WireGuardMode>();

    /// <summary>Mixed into every handshake on top of the hosts' own keys; null for none.</summary>
    public PresharedKey? Psk { get; init; }

    /// <summary>UDP port, 1 to 65535, published with the lease.</summary>
    public int ListenPort { get; init; } = 51820;

    /// <summary>UDP port of the IPv6 device in <see cref="WireGuardMode.Separate"/>, 1 to 65535.</summary>
    public int ListenPortV6 { get; init; } = 51821;

    /// <summary>MTU of the underlay in octets, 576 to 65535; 0 takes the smallest of the hosts' interfaces.</summary>
    public int Mtu { get; init; }

    public override int? OuterMtu => Mtu > 0 ? Mtu : null;

    public WireGuardMode Mode { get; init; }

    /// <summary>Seconds between keepalives to an idle peer, 0 (off) to 65535.</summary>
    public int PersistentKeepaliveInterval { get; init; }

    internal static WireGuardConfig Read(JsonFields options) => new()
    {
        Psk = ReadPsk(options),
        ListenPort = options.Number("ListenPort", 51820, 1, MaxUInt16),
        ListenPortV6 = options.Number("ListenPortV6", 51821, 1, MaxUInt16),
        Mtu = options.Number("MTU", 0, MinMtu, MaxUInt16, alsoZero: true),
        Mode = ReadMode(options),
        PersistentKeepaliveInterval = options.Number("PersistentKeepaliveInterval", 0, 0, MaxUInt16),
    };

    internal override void Write(OptionWriter options)
    {
        options.Secret("PSK", Psk);
        options.Number("ListenPort", ListenPort);
        options.Number("ListenPortV6", ListenPortV6);
        options.Number("MTU", Mtu);
        options.Text("Mode", Name(Mode));
        options.Number("PersistentKeepaliveInterval", PersistentKeepaliveInterval);
    }

    internal override void CheckWith(NetworkConfig network)
    {
        CheckMtuForIPv6(network, Mtu, HeadersOverIPv6);
        // A WireGuard device binds its port in both families, so two devices on one host cannot share it.
        if (Mode == WireGuardMode.Separate && network is { EnableIPv4: true, EnableIPv6: true } && ListenPort == ListenPortV6)
        {
            const string rule = "must differ from ListenPort when each family has a device of its own (Mode separate)";
            throw new NetConfException("Backend.ListenPortV6", $"{ListenPortV6}", rule);
        }
    }

    /// <summary>Whatever is wrong with it, a secret is not repeated in the message.</summary>
    private static PresharedKey? ReadPsk(JsonFields options)
    {
        if (!options.Find("PSK", out var value))
            return null;
        string? text = value.ValueKind == JsonValueKind.String ? options.Text("PSK") : null;
        if (text?.Length == 0)
            return null;
        const string rule = "must be a string, the base64 of 32 octets, as \"wg genpsk\" prints it (all zeroes is none: leave the option out)";
        return (text is null ? null : PresharedKey.FromBase64(text)) ?? throw options.Refuse("PSK", "(hidden)", rule);
    }

    private static WireGuardMode ReadMode(JsonFields options)
    {
        if (options.Text("Mode") is not { } text)
            return WireGuardMode.Separate;
        int found = Array.FindIndex(Modes, mode => Name(mode) == text);
        if (found < 0)
            throw options.Refuse("Mode", $"\"{text}\"", $"must be one of {string.Join(", ", Modes.Select(Name))}");
        return Modes[found];
    }

    private static string Name(WireGuardMode mode) => mode.ToString().ToLowerInvariant();
}
