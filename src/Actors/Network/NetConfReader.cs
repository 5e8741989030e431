using System.Collections.Immutable;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>From the octets of a net-conf file to what they mean.</summary>
internal static class NetConfReader
{
    private const int NamesInWarning = 10;

    private const int MaxDepth = 16;

    private static readonly string Rule = $"must be JSON: one object, nothing after it, no comments, nested {MaxDepth} deep at most";

    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = MaxDepth,
        CommentHandling = JsonCommentHandling.Disallow,
        AllowTrailingCommas = false,
    };

    public static NetworkConfig Read(ReadOnlyMemory<byte> utf8, out ImmutableArray<string> warnings)
    {
        if (utf8.Length > NetConf.MaxSize)
            throw new NetConfException("net-conf", $"{utf8.Length} octets", $"must not be larger than {NetConf.MaxSize} octets");
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            return Read(new JsonFields("", document.RootElement), out warnings);
        }
        catch (JsonException e)
        {
            // Neither the parser's message nor the exception is passed on: both can quote the text, and with it a secret.
            throw new NetConfException("net-conf", $"line {e.LineNumber + 1}, octet {e.BytePositionInLine + 1}", Rule);
        }
    }

    private static NetworkConfig Read(JsonFields fields, out ImmutableArray<string> warnings)
    {
        var found = new List<string>();
        bool ipv4 = fields.Flag("EnableIPv4", true);
        bool ipv6 = fields.Flag("EnableIPv6", false);
        if (!ipv4 && !ipv6)
            throw fields.Refuse("EnableIPv4", "false", "must not be false together with EnableIPv6; at least one of them must be true");

        var config = new NetworkConfig
        {
            EnableNFTables = fields.Flag("EnableNFTables", false),
            IPv4 = PoolReader.IPv4.Read(fields, ipv4, found),
            IPv6 = PoolReader.IPv6.Read(fields, ipv6, found),
            BackEnd = BackEndReader.Read(fields),
            MasqExclude = ReadMasqExclude(fields),
        };
        config.BackEnd.CheckWith(config);
        WarnOfUnknown(fields, found);
        warnings = [.. found];
        return config;
    }

    private static EquatableArray<IpPrefix> ReadMasqExclude(JsonFields fields)
    {
        const string name = "MasqExclude";
        const string rule = "must be a list of networks such as [\"10.0.0.0/8\", \"fd00::/8\"]";
        if (!fields.Find(name, out var list))
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw fields.Refuse(name, list, rule);
        var networks = new SortedSet<IpPrefix>();
        foreach (var item in list.EnumerateArray())
        {
            if (!IpPrefix.TryParse(fields.Text(name, item, rule), null, out var network))
                throw fields.Refuse(name, item, rule);
            networks.Add(network.Network);
        }
        return [.. networks];
    }

    /// <summary>One warning for all, so that a file of another kind does not flood the log.</summary>
    private static void WarnOfUnknown(JsonFields fields, List<string> warnings)
    {
        string[] unknown = [.. fields.Unknown.Order(StringComparer.Ordinal)];
        if (unknown.Length == 0)
            return;
        string names = string.Join(", ", unknown.Take(NamesInWarning).Select(NetConfException.Quote));
        string more = unknown.Length > NamesInWarning ? $" and {unknown.Length - NamesInWarning} more" : "";
        warnings.Add($"{names}{more}: not known, no effect.");
    }
}
