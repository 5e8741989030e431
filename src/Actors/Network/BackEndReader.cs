using System.Collections.Frozen;
using System.Text.Json;

namespace AkkaOverlay.Actors.Network;

/// <summary>Finds the reader of a back end by its type, and refuses what the type does not know.</summary>
internal static class BackEndReader
{
    private delegate BackEndConfig Reader(JsonFields options);

    private static readonly FrozenDictionary<string, Reader> Readers = new Dictionary<string, Reader>
    {
        [VxlanConfig.TypeName] = static options => VxlanConfig.Read(options),
        [HostGwConfig.TypeName] = static _ => new HostGwConfig(),
        [UdpConfig.TypeName] = static options => UdpConfig.Read(options),
        [IpipConfig.TypeName] = static options => IpipConfig.Read(options),
        [WireGuardConfig.TypeName] = static options => WireGuardConfig.Read(options),
        [AllocConfig.TypeName] = static _ => new AllocConfig(),
        [ExtensionConfig.TypeName] = ExtensionConfig.Read,
        [AwsVpcConfig.TypeName] = static options => AwsVpcConfig.Read(options),
        [GceConfig.TypeName] = static _ => new GceConfig(),
        [AutoConfig.TypeName] = static _ => new AutoConfig(),
    }.ToFrozenDictionary();

    /// <summary>Types that flannel has, or had, and this product has not.</summary>
    private static readonly FrozenSet<string> FlannelOnly = FrozenSet.Create("ipsec", "tencent-vpc", "ali-vpc");

    private static readonly string KnownTypes = string.Join(", ", Readers.Keys.Order(StringComparer.Ordinal));

    public static BackEndConfig Read(JsonFields fields)
    {
        if (!fields.Has("Backend", out var value))
            return new VxlanConfig();
        if (value.ValueKind == JsonValueKind.Null)
            throw fields.Refuse("Backend", value, "must be an object with a Type; leave Backend out for vxlan");
        var options = new JsonFields("Backend", value);
        if (options.IsEmpty)
            throw fields.Refuse("Backend", value, $"must not be empty; give a Type ({KnownTypes}), or leave Backend out for vxlan");

        var config = ReaderOf(options)(options);
        if (options.Unknown.FirstOrDefault() is { } unknown)
            throw options.Refuse(unknown, "", $"is not an option of back end {config.Type}, which has {string.Join(", ", options.Known)}");
        return config;
    }

    private static Reader ReaderOf(JsonFields options)
    {
        string type = options.Text("Type")?.ToLowerInvariant() ?? throw options.Refuse("Type", "absent", $"must be one of {KnownTypes}");
        if (FlannelOnly.Contains(type))
            throw options.Refuse("Type", type, $"is a back end of flannel that akka-overlay does not have; use one of {KnownTypes}");
        return Readers.TryGetValue(type, out var reader)
            ? reader
            : throw options.Refuse("Type", $"\"{type}\"", $"is not a known back end; must be one of {KnownTypes}");
    }
}
