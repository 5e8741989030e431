using System.Globalization;
using System.Net;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>Whether a packet fits one match of a rule: yes, no, or nobody can say from what is known here (null).</summary>
internal static class NftMatch
{
    public static bool? Fits(JsonElement match, PacketView packet)
    {
        if (!match.TryGetProperty("left", out var left) || !match.TryGetProperty("right", out var right) || !match.TryGetProperty("op", out var op))
            return null;
        bool? fits = Compare(left, right, packet);
        return op.GetString() switch
        {
            "==" or "in" => fits,
            "!=" => !fits,
            _ => null,
        };
    }

    private static bool? Compare(JsonElement left, JsonElement right, PacketView packet)
    {
        if (left.ValueKind != JsonValueKind.Object)
            return null;
        if (left.TryGetProperty("meta", out var meta))
        {
            return meta.GetProperty("key").GetString() switch
            {
                "iifname" or "iif" => Any(right, value => Name(value, packet.Input)),
                "oifname" or "oif" => Any(right, value => Name(value, packet.Output)),
                "l4proto" => packet.Protocol is null ? null : Any(right, value => Protocol(value, packet.Protocol)),
                "nfproto" => Any(right, value => Text(value) is { } family ? family == (packet.Source.BitLength() == 32 ? "ipv4" : "ipv6") : null),
                _ => null,
            };
        }
        if (left.TryGetProperty("ct", out var ct))
            return ct.GetProperty("key").GetString() == "state" ? Any(right, value => Text(value) is { } state ? state == "new" : null) : null;
        if (!left.TryGetProperty("payload", out var payload) || !payload.TryGetProperty("field", out var field) || !payload.TryGetProperty("protocol", out var protocol))
            return null;
        return (protocol.GetString(), field.GetString()) switch
        {
            ("ip" or "ip6", "saddr") => Any(right, value => Address(value, packet.Source)),
            ("ip" or "ip6", "daddr") => Any(right, value => Address(value, packet.Destination)),
            ("ip", "protocol") or ("ip6", "nexthdr") => packet.Protocol is null ? null : Any(right, value => Protocol(value, packet.Protocol)),
            ("th", "dport") when packet.Port is { } port => Any(right, value => Port(value, port)),
            ("udp" or "tcp" or "icmp" or "icmpv6" or "sctp", _) when packet.Protocol is not null && packet.Protocol != protocol.GetString() => false,
            ("udp" or "tcp", "dport") when packet is { Protocol: not null, Port: { } port } => Any(right, value => Port(value, port)),
            _ => null,
        };
    }

    /// <summary>One value, or one of a set written out.</summary>
    private static bool? Any(JsonElement right, Func<JsonElement, bool?> fits)
    {
        if (right.ValueKind == JsonValueKind.Array)
            return AnyOf(right, fits);
        if (right.ValueKind == JsonValueKind.Object && right.TryGetProperty("set", out var set))
            return set.ValueKind == JsonValueKind.Array ? AnyOf(set, fits) : fits(set);
        return fits(right);
    }

    private static bool? AnyOf(JsonElement values, Func<JsonElement, bool?> fits)
    {
        bool unknown = false;
        foreach (var value in values.EnumerateArray())
        {
            bool? one = fits(value.ValueKind == JsonValueKind.Object && value.TryGetProperty("elem", out var element) ? element.GetProperty("val") : value);
            if (one == true)
                return true;
            unknown |= one is null;
        }
        return unknown ? null : false;
    }

    /// <summary>A packet without that device has the empty name there.</summary>
    private static bool? Name(JsonElement value, string? device)
    {
        if (Text(value) is not { } name)
            return null;
        return name.EndsWith('*') ? (device ?? "").StartsWith(name[..^1], StringComparison.Ordinal) : name == device;
    }

    private static bool? Protocol(JsonElement value, string protocol) => value.ValueKind == JsonValueKind.Number
        ? value.GetInt32() == protocol switch { "tcp" => 6, "udp" => 17, _ => -1 }
        : Text(value) is { } name ? name == protocol : null;

    private static bool? Port(JsonElement value, int port) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetInt32() == port,
        JsonValueKind.Object when value.TryGetProperty("range", out var range) => range[0].GetInt32() <= port && port <= range[1].GetInt32(),
        _ => null,
    };

    private static bool? Address(JsonElement value, IPAddress address)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            if (value.TryGetProperty("prefix", out var prefix))
            {
                string text = string.Create(CultureInfo.InvariantCulture, $"{prefix.GetProperty("addr").GetString()}/{prefix.GetProperty("len").GetInt32()}");
                return IpPrefix.TryParse(text, null, out var network) ? network.Contains(address) : null;
            }
            return value.TryGetProperty("range", out var range) && IPAddress.TryParse(range[0].GetString(), out var first) && IPAddress.TryParse(range[1].GetString(), out var last)
                ? first.AddressFamily == address.AddressFamily && first.ToBits() <= address.ToBits() && address.ToBits() <= last.ToBits()
                : null;
        }
        return Text(value) is { } one && IPAddress.TryParse(one, out var exact) ? exact.Equals(address) : null;
    }

    /// <summary>A named set ("@blocked") is no value: null.</summary>
    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !text.StartsWith('@') ? text : null;
}
