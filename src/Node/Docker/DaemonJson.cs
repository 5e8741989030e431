using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AkkaOverlay.Node.Docker;

/// <summary>
/// Docker's daemon.json with bip, mtu and ip-masq set: values are exchanged where they stand, what is missing is put behind the last key, and every other octet
/// of the file stays as it was.
/// </summary>
public static class DaemonJson
{
    private const string Bip = "bip", Mtu = "mtu", IpMasq = "ip-masq";

    private const string DefaultIndent = "  ";

    /// <param name="text">The file's content; empty stands for a file that is not there.</param>
    /// <exception cref="FormatException">It is no JSON object, or one of the three keys has a value of another type, or is there twice.</exception>
    public static string Set(string text, DockerOptions options)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(options);
        var wanted = new List<(string Key, string Value)> { (Bip, JsonSerializer.Serialize(options.Bip)), (Mtu, options.Mtu.ToString(CultureInfo.InvariantCulture)) };
        if (options.IpMasq is { } masq)
            wanted.Add((IpMasq, masq ? "true" : "false"));
        // dockerd takes an empty file for an empty object.
        byte[] octets = Encoding.UTF8.GetBytes(text.Trim().Length == 0 ? "{}\n" : text);
        var places = Look(octets);
        var changed = new MemoryStream();
        int copied = 0;
        foreach (var (key, at) in places.Values.OrderBy(place => place.Value.At.Start.Value).Select(place => (place.Key, place.Value.At)))
        {
            if (wanted.FirstOrDefault(one => one.Key == key) is not { Value: { } value })
                continue;
            changed.Write(octets.AsSpan(copied..at.Start));
            changed.Write(Encoding.UTF8.GetBytes(value));
            copied = at.End.Value;
        }
        var missing = wanted.Where(one => !places.Values.ContainsKey(one.Key)).ToList();
        if (missing.Count > 0)
        {
            // Behind the last value, in front of what separates it from the closing brace.
            changed.Write(octets.AsSpan(copied..places.End));
            changed.Write(Encoding.UTF8.GetBytes(Inserted(missing, text, places)));
            copied = places.Rest;
        }
        changed.Write(octets.AsSpan(copied..));
        return Encoding.UTF8.GetString(changed.ToArray());
    }

    private static string Inserted(List<(string Key, string Value)> missing, string text, Places places)
    {
        bool oneLine = places.Any && !text.Trim().Contains('\n', StringComparison.Ordinal);
        string between = oneLine ? " " : "\n" + (places.Indent ?? DefaultIndent);
        var inserted = new StringBuilder();
        foreach (var (key, value) in missing)
        {
            if (places.Any || inserted.Length > 0)
                inserted.Append(',');
            inserted.Append(between).Append('"').Append(key).Append("\": ").Append(value);
        }
        // An empty object has nothing in front of its closing brace that could stay.
        if (!places.Any)
            inserted.Append('\n');
        return inserted.ToString();
    }

    /// <summary>Where things are in the file, as indices of octets.</summary>
    /// <param name="Values">Of those of our three keys that are there.</param>
    /// <param name="Any">Whether there is any key.</param>
    /// <param name="End">Behind the last value; behind the opening brace where there is none.</param>
    /// <param name="Rest">Where the text goes on that stays behind what is put in.</param>
    /// <param name="Indent">In front of the first key; null where it stands on the brace's line.</param>
    private sealed record Places(Dictionary<string, Place> Values, bool Any, int End, int Rest, string? Indent);

    private sealed record Place(Range At);

    private static Places Look(byte[] octets)
    {
        try
        {
            var reader = new Utf8JsonReader(octets);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new FormatException("it is not a JSON object");
            int end = (int)reader.BytesConsumed;
            var values = new Dictionary<string, Place>();
            string? indent = null;
            bool any = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!any)
                    indent = IndentOf(octets, (int)reader.TokenStartIndex);
                any = true;
                string key = reader.GetString()!;
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                if (TypeOf(key) is { } type)
                {
                    if (!Is(type, reader.TokenType))
                        throw new FormatException($"{key} must be a {type}");
                    if (!values.TryAdd(key, new Place(start..(int)reader.BytesConsumed)))
                        throw new FormatException($"{key} is there twice");
                }
                reader.Skip();
                end = (int)reader.BytesConsumed;
            }
            int brace = (int)reader.TokenStartIndex;
            // Nothing may follow but blanks: the reader refuses it.
            while (reader.Read())
            {
            }
            return new Places(values, any, end, any ? end : brace, indent);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // System.Text.Json adds where it is; one line is enough.
            throw new FormatException($"not JSON: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static string? TypeOf(string key) => key switch { Bip => "string", Mtu => "number", IpMasq => "boolean", _ => null };

    private static bool Is(string type, JsonTokenType token) => type switch
    {
        "string" => token == JsonTokenType.String,
        "number" => token == JsonTokenType.Number,
        _ => token is JsonTokenType.True or JsonTokenType.False,
    };

    private static string? IndentOf(byte[] octets, int at)
    {
        int start = at;
        while (start > 0 && octets[start - 1] is (byte)' ' or (byte)'\t')
            start--;
        return start > 0 && octets[start - 1] == '\n' ? Encoding.UTF8.GetString(octets, start, at - start) : null;
    }
}
