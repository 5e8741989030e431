using System.Text.Json;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.Network;

/// <summary>Who reads what is written: a parser of net-conf (secrets included) or a person (camel case, secrets hidden).</summary>
internal enum Audience
{
    NetConf,
    Person,
}

/// <summary>Writes the options of a back end, which name themselves as net-conf does.</summary>
internal sealed class OptionWriter(Utf8JsonWriter json, Audience audience)
{
    public void Number(string name, int value) => json.WriteNumber(Name(name), value);

    public void Flag(string name, bool value) => json.WriteBoolean(Name(name), value);

    public void Text(string name, string? value) => json.WriteString(Name(name), value);

    public void Secret(string name, PresharedKey? key) =>
        Text(name, audience == Audience.NetConf ? key?.ToBase64() : key?.ToString());

    public void List(string name, EquatableArray<string> values)
    {
        json.WriteStartArray(Name(name));
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private string Name(string name) => audience == Audience.NetConf ? name : JsonNamingPolicy.CamelCase.ConvertName(name);
}
