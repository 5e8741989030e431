using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaOverlay.Node.Lab;

/// <summary>The net-conf.json of a lab.</summary>
public static class LabNetConf
{
    public const string Default = """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}""";

    /// <summary>The same with another <c>Backend.Type</c>; text that is no JSON object comes back as it is, for the reader to refuse.</summary>
    public static string WithBackEnd(string netConf, string type)
    {
        ArgumentNullException.ThrowIfNull(netConf);
        try
        {
            if (JsonNode.Parse(netConf.TrimStart('\uFEFF')) is not JsonObject conf)
                return netConf;
            string backEndKey = KeyIn(conf, "Backend");
            if (conf[backEndKey] is not JsonObject backEnd)
                conf[backEndKey] = backEnd = [];
            backEnd[KeyIn(backEnd, "Type")] = type;
            return conf.ToJsonString();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return netConf;
        }
    }

    /// <summary>flannel reads keys in any case.</summary>
    private static string KeyIn(JsonObject node, string name) =>
        node.Select(property => property.Key).FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
}
