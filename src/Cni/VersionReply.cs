using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <summary>What VERSION answers. Versions of the specification before 1.0 gave it nothing to read, so nothing that it reads is an error.</summary>
internal static class VersionReply
{
    private const int Largest = 64 << 10;

    public static byte[] To(Stream input)
    {
        string asked = CniVersion.Latest;
        byte[] question = new byte[Largest];
        int length = input.ReadAtLeast(question, Largest, throwOnEndOfStream: false);
        try
        {
            if (Json.Text(Json.Object(question.AsSpan(0, length), "")["cniVersion"]) is { } given && CniVersion.Supported.Contains(given))
                asked = given;
        }
        catch (CniException)
        {
            // Nothing was asked for.
        }
        JsonNode[] supported = [.. CniVersion.Supported.Select(version => (JsonNode)JsonValue.Create(version))];
        return Json.Write(new JsonObject { ["cniVersion"] = asked, ["supportedVersions"] = new JsonArray(supported) });
    }
}
