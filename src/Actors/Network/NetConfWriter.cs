using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AkkaOverlay.Actors.Network;

/// <summary>Writes a configuration as JSON, for a parser or for a person.</summary>
internal static class NetConfWriter
{
    /// <summary>As <c>network check</c> prints it.</summary>
    public static string Effective(NetworkConfig config, bool indented) => Write(indented, json =>
    {
        WriteEffective(json, "network", "subnet", config.IPv4);
        WriteEffective(json, "ipv6Network", "ipv6Subnet", config.IPv6);
        json.WriteBoolean("enableIPv4", config.EnableIPv4);
        json.WriteBoolean("enableIPv6", config.EnableIPv6);
        json.WriteBoolean("enableNFTables", config.EnableNFTables);
        WriteBackEnd(json, "backend", "type", config.BackEnd, Audience.Person);
        WriteMasqExclude(json, "masqExclude", config);
    });

    /// <summary>As a net-conf file. The order of the fields is part of the fingerprint: a new one goes to the end.</summary>
    public static string Flannel(NetworkConfig config, bool indented) => Write(indented, json =>
    {
        json.WriteBoolean("EnableIPv4", config.EnableIPv4);
        json.WriteBoolean("EnableIPv6", config.EnableIPv6);
        json.WriteBoolean("EnableNFTables", config.EnableNFTables);
        WriteFlannel(json, "", config.IPv4);
        WriteFlannel(json, "IPv6", config.IPv6);
        WriteBackEnd(json, "Backend", "Type", config.BackEnd, Audience.NetConf);
        WriteMasqExclude(json, "MasqExclude", config);
    });

    private static void WriteEffective(Utf8JsonWriter json, string network, string subnet, SubnetPool? pool)
    {
        if (pool is null)
            return;
        json.WriteString(network, pool.Network.ToString());
        json.WriteNumber(subnet + "Len", pool.SubnetLength);
        json.WriteString(subnet + "Min", pool.First.ToString());
        json.WriteString(subnet + "Max", pool.Last.ToString());
        WriteLarge(json, subnet + "Count", pool.Count);
        WriteLarge(json, network == "network" ? "addressesPerSubnet" : "ipv6AddressesPerSubnet", pool.AddressesPerSubnet);
    }

    private static void WriteFlannel(Utf8JsonWriter json, string prefix, SubnetPool? pool)
    {
        if (pool is null)
            return;
        json.WriteString(prefix + "Network", pool.Network.ToString());
        json.WriteNumber(prefix + "SubnetLen", pool.SubnetLength);
        json.WriteString(prefix + "SubnetMin", pool.First.ToString());
        json.WriteString(prefix + "SubnetMax", pool.Last.ToString());
    }

    /// <summary>JSON numbers have no largest value, though <see cref="Utf8JsonWriter"/> has no method for 128 bits.</summary>
    private static void WriteLarge(Utf8JsonWriter json, string name, UInt128 value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteBackEnd(Utf8JsonWriter json, string name, string type, BackEndConfig backEnd, Audience audience)
    {
        json.WriteStartObject(name);
        json.WriteString(type, backEnd.Type);
        backEnd.Write(new OptionWriter(json, audience));
        json.WriteEndObject();
    }

    private static void WriteMasqExclude(Utf8JsonWriter json, string name, NetworkConfig config)
    {
        json.WriteStartArray(name);
        foreach (var network in config.MasqExclude)
            json.WriteStringValue(network.ToString());
        json.WriteEndArray();
    }

    /// <summary>Relaxed escaping: the text is a file or a terminal, never HTML, and a base64 key stays legible.</summary>
    private static string Write(bool indented, Action<Utf8JsonWriter> content)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
