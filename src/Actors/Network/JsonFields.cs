using System.Net;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// The fields of one JSON object by case-insensitive name. It remembers which names were asked for, so that what nobody asked for can be
/// named together with what would have been understood. A field that is <c>null</c> counts as absent, as it does for flannel.
/// </summary>
internal sealed class JsonFields
{
    private readonly string _path;
    private readonly Dictionary<string, (string Name, JsonElement Value)> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _known = [];

    /// <param name="owner">Path of the object in the file; empty for the file itself.</param>
    /// <exception cref="NetConfException">Not an object, or the same name twice.</exception>
    public JsonFields(string owner, JsonElement value)
    {
        _path = owner.Length == 0 ? "" : owner + ".";
        if (value.ValueKind != JsonValueKind.Object)
            throw new NetConfException(owner.Length == 0 ? "net-conf" : owner, Show(value), "must be a JSON object");
        foreach (var property in value.EnumerateObject())
        {
            string name = Decode(property, static p => p.Name, _path + "?");
            if (!_fields.TryAdd(name, (name, property.Value)))
            {
                string other = _path + NetConfException.Quote(_fields[name].Name);
                throw new NetConfException(_path + name, "", $"is also given as {other}; upper and lower case are the same here");
            }
        }
    }

    public bool IsEmpty => _fields.Count == 0;

    /// <summary>What <see cref="Find"/> has been asked for, in that order.</summary>
    public IReadOnlyList<string> Known => _known;

    /// <summary>Names in the file that nobody has asked for.</summary>
    public IEnumerable<string> Unknown =>
        _fields.Values.Select(given => given.Name).Where(name => !_known.Contains(name, StringComparer.OrdinalIgnoreCase));

    public NetConfException Refuse(string name, JsonElement value, string rule) => new(_path + name, Show(value), rule);

    public NetConfException Refuse(string name, string value, string rule) => new(_path + name, value, rule);

    /// <summary>The value of a field, also when it is <c>null</c>.</summary>
    public bool Has(string name, out JsonElement value)
    {
        if (!_known.Contains(name, StringComparer.OrdinalIgnoreCase))
            _known.Add(name);
        bool found = _fields.TryGetValue(name, out var field);
        value = field.Value;
        return found;
    }

    /// <summary>The value of a field that is there and not <c>null</c>.</summary>
    public bool Find(string name, out JsonElement value) => Has(name, out value) && value.ValueKind != JsonValueKind.Null;

    public bool Flag(string name, bool absent) => !Find(name, out var value) ? absent : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse(name, value, "must be true or false"),
    };

    /// <param name="alsoZero">Takes 0 although it lies below <paramref name="min"/>.</param>
    public int Number(string name, int absent, int min, int max, bool alsoZero = false)
    {
        if (!Find(name, out var value))
            return absent;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number))
        {
            if ((number >= min && number <= max) || (alsoZero && number == 0))
                return number;
        }
        throw Refuse(name, value, $"must be a whole number, {(alsoZero ? "0 or " : "")}{min} to {max}");
    }

    public string? Text(string name) => Find(name, out var value) ? Text(name, value, "must be a string") : null;

    public string Text(string name, JsonElement value, string rule) => value.ValueKind == JsonValueKind.String
        ? Decode(value, static v => v.GetString()!, _path + name)
        : throw Refuse(name, value, rule);

    public IPAddress? Address(string name, bool ipv4)
    {
        if (!Find(name, out var value))
            return null;
        string rule = ipv4 ? "must be an IPv4 address such as 10.244.1.0" : "must be an IPv6 address such as fd00:0:0:1::";
        return AddressMath.TryParseStrict(Text(name, value, rule), out var address) && address.BitLength() == (ipv4 ? 32 : 128)
            ? address
            : throw Refuse(name, value, rule);
    }

    /// <summary>The value as it stands in the file; of lists and objects only the kind, for there may be a secret inside.</summary>
    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "[]" : "[...]",
        JsonValueKind.Object => value.GetPropertyCount() == 0 ? "{}" : "{...}",
        _ => value.GetRawText(),
    };

    /// <summary>
    /// JSON can spell half of a surrogate pair (<c>"\ud800"</c>), which is no text; System.Text.Json finds out only when asked for it.
    /// </summary>
    private static string Decode<T>(T source, Func<T, string> read, string field)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException e)
        {
            throw new NetConfException(field, "", "must be Unicode text, without half a surrogate pair", e);
        }
    }
}
