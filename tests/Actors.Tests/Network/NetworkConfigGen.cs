using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.WireGuard;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Network;

/// <summary>Random pools and configurations that obey every rule of net-conf.</summary>
internal static class NetworkConfigGen
{
    private static readonly Gen<int> Port = Gen.Int[1, 65535];

    private static readonly Gen<string> Word = Gen.String[Gen.Char[' ', 'ÿ'], 1, 12].Where(text => !string.IsNullOrWhiteSpace(text));

    private static readonly Gen<PresharedKey?> Psk =
        Gen.Byte.Array[PresharedKey.Length].Select(octets => PresharedKey.FromBase64(Convert.ToBase64String(octets))!).Null();

    private static readonly Gen<ExtensionCommand?> Command = Word.Array[1, 4].Select(words => new ExtensionCommand([words[0].Replace('/', '_'), .. words[1..]])).Null();

    public static readonly Gen<SubnetPool> IPv4 = Pool("10.0.0.0/8", 30);

    public static readonly Gen<SubnetPool> IPv6 = Pool("fd00::/8", 126);

    public static readonly Gen<BackEndConfig> BackEnd = Gen.OneOf<BackEndConfig>(
        Gen.Const<BackEndConfig>(new HostGwConfig()),
        Gen.Const<BackEndConfig>(new AllocConfig()),
        Gen.Const<BackEndConfig>(new GceConfig()),
        Gen.Const<BackEndConfig>(new AutoConfig()),
        Gen.Select(Gen.Int[1, 0xFFFFFF], Port, Gen.Int[1400, 9000], Gen.Bool, Gen.Bool, Gen.Bool, (vni, port, mtu, gbp, learning, direct) =>
            (BackEndConfig)new VxlanConfig { Vni = vni, Port = port, Mtu = mtu, Gbp = gbp, Learning = learning, DirectRouting = direct }),
        Gen.Select(Port, Gen.Bool, (port, secret) =>
            (BackEndConfig)new UdpConfig { Port = port, Encryption = secret ? UdpConfig.Aes256Gcm : null }),
        Gen.Bool.Select(direct => (BackEndConfig)new IpipConfig { DirectRouting = direct }),
        Gen.Select(Psk, Gen.Int[1, 30000], Gen.Int[1400, 9000], Gen.Enum<WireGuardMode>(), Gen.Int[0, 65535], (psk, port, mtu, mode, idle) =>
            (BackEndConfig)new WireGuardConfig
            {
                Psk = psk,
                ListenPort = port,
                ListenPortV6 = port + 30000,
                Mtu = mtu,
                Mode = mode,
                PersistentKeepaliveInterval = idle,
            }),
        Gen.Select(Command, Command, Command, Command, (pre, post, add, remove) => (BackEndConfig)new ExtensionConfig
        {
            PreStartupCommand = pre,
            PostStartupCommand = post,
            SubnetAddCommand = add,
            SubnetRemoveCommand = remove,
            ShutdownCommand = remove,
            CommandTimeout = 7,
        }),
        Gen.Int[0, 99].Array[0, 4].Select(ids => (BackEndConfig)new AwsVpcConfig
        {
            RouteTableIds = [.. ids.Distinct().Select(id => $"rtb-{id}").Order(StringComparer.Ordinal)],
        }));

    public static readonly Gen<NetworkConfig> Any =
        Gen.Select(IPv4, IPv6, Gen.Int[0, 2], Gen.Bool, BackEnd, Gen.OneOf(IPv4, IPv6).Array[0, 4], (v4, v6, stack, nft, end, exclude) =>
            new NetworkConfig
            {
                IPv4 = stack == 1 && end is not IpipConfig ? null : v4,
                IPv6 = stack == 0 || end is IpipConfig ? null : v6,
                EnableNFTables = nft,
                BackEnd = end,
                MasqExclude = [.. exclude.Select(pool => pool.Network).Distinct().Order()],
            });

    private static Gen<SubnetPool> Pool(string within, int longest)
    {
        var range = IpPrefix.Parse(within);
        return
            from length in Gen.Int[range.Length, longest - 2]
            from subnetLength in Gen.Int[length + 2, longest]
            from place in Gen.ULong
            from ends in Gen.Select(Gen.ULong, Gen.ULong)
            let network = new IpPrefix(range.Address, length).Next(place % (UInt128.One << (length - range.Length)))
            let count = UInt128.One << (subnetLength - length)
            let low = UInt128.Min(ends.Item1 % count, ends.Item2 % count)
            let high = UInt128.Max(ends.Item1 % count, ends.Item2 % count)
            let first = new IpPrefix(network.Address, subnetLength)
            select new SubnetPool(network, subnetLength, first.Next(low).Address, first.Next(high).Address);
    }
}
