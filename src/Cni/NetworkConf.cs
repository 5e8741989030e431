using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <summary>
/// The network configuration that a runtime gives on standard input, checked. Options as flannel's plugin has them (<c>delegate</c>, <c>ipam</c>,
/// <c>subnetFile</c>, <c>dataDir</c>, <c>runtimeConfig</c>), and <c>delegateTimeout</c>.
/// </summary>
/// <param name="Given">All of it, with what the runtime put in: <c>prevResult</c>, <c>args</c>, <c>cni.dev/valid-attachments</c>.</param>
/// <param name="Patience">How long the delegate may take.</param>
internal sealed record NetworkConf(JsonObject Given, string Version, string Name, JsonObject Delegate, JsonObject Ipam, string SubnetFile, string DataDirectory, TimeSpan Patience)
{
    public const string DefaultSubnetFile = "/run/akka-overlay/subnet.env";

    public const string DefaultDataDirectory = "/var/lib/cni/akka-overlay";

    /// <summary>Below what runtimes wait for a network: containerd and CRI-O give up after some minutes.</summary>
    private const int DefaultSeconds = 60;

    private const int MostSeconds = 600;

    /// <summary>File names of the program itself: as its own delegate it would start itself for ever.</summary>
    private const string Self = "akka-overlay-cni";

    private static readonly string[] MadeForDelegate = ["name", "cniVersion", "ipam"];

    private static readonly string[] MadeForIpam = ["ranges", "subnet", "rangeStart", "rangeEnd", "gateway"];

    /// <summary>bridge, where nobody says otherwise.</summary>
    public string DelegateType => Json.Text(Delegate["type"]) ?? "bridge";

    /// <exception cref="CniException">Code 1: a version that we do not speak, or that lacks the command. 7: something is wrong; the message names it.</exception>
    public static NetworkConf Read(JsonObject json, string command)
    {
        string version = VersionOf(json, command);
        string name = Json.Text(json["name"]) is { } text && Attachment.IsIdentifier(text)
            ? text
            : throw Refuse("name", json["name"], "must be a letter or digit, then letters, digits, '_', '.' or '-'");
        JsonObject forward = ObjectOf(json, "delegate"), ipam = ObjectOf(json, "ipam");
        foreach (string taken in MadeForDelegate.Where(forward.ContainsKey))
            throw new CniException(ErrorCode.InvalidConfig, $"delegate.{taken} cannot be given", $"it is made from {taken} of the network itself");
        foreach (string taken in MadeForIpam.Where(ipam.ContainsKey))
            throw new CniException(ErrorCode.InvalidConfig, $"ipam.{taken} cannot be given", "the addresses are those of this host's subnet");
        CheckType("delegate.type", forward["type"]);
        CheckType("ipam.type", ipam["type"]);
        if (ipam["routes"] is { } routes and not JsonArray)
            throw Refuse("ipam.routes", routes, "must be a list");
        return new NetworkConf(json, version, name, forward, ipam, PathOf(json, "subnetFile", DefaultSubnetFile), PathOf(json, "dataDir", DefaultDataDirectory), PatienceOf(json));
    }

    private static string VersionOf(JsonObject json, string command)
    {
        string version = Json.Text(json["cniVersion"]) ?? throw Refuse("cniVersion", json["cniVersion"], "must be a string such as \"1.0.0\"");
        if (!CniVersion.Supported.Contains(version))
            throw new CniException(ErrorCode.IncompatibleVersion, $"cniVersion '{Printable.Of(version)}' is not supported", $"supported are {string.Join(", ", CniVersion.Supported)}");
        return CniVersion.Knows(version, command)
            ? version
            : throw new CniException(ErrorCode.IncompatibleVersion, $"cniVersion {version} has no {command}", $"{command} came with {CniVersion.Since(command)}");
    }

    private static JsonObject ObjectOf(JsonObject json, string name) => json[name] switch
    {
        null => [],
        JsonObject found => found,
        var other => throw Refuse(name, other, "must be an object"),
    };

    private static void CheckType(string name, JsonNode? type)
    {
        if (type is null)
            return;
        if (Json.Text(type) is not { } text || !Attachment.IsIdentifier(text))
            throw Refuse(name, type, "must be the file name of a plugin");
        if (text == Self)
            throw Refuse(name, type, "must be another plugin than this");
    }

    private static string PathOf(JsonObject json, string name, string absent)
    {
        if (json[name] is not { } given)
            return absent;
        return Json.Text(given) is { } path && Path.IsPathRooted(path) && !path.Contains('\0') ? path : throw Refuse(name, given, "must be an absolute path");
    }

    private static TimeSpan PatienceOf(JsonObject json)
    {
        if (json["delegateTimeout"] is not { } given)
            return TimeSpan.FromSeconds(DefaultSeconds);
        return given is JsonValue value && value.TryGetValue(out int seconds) && seconds is >= 1 and <= MostSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Refuse("delegateTimeout", given, $"must be a whole number of seconds, 1 to {MostSeconds}");
    }

    private static CniException Refuse(string name, JsonNode? value, string rule)
    {
        string shown = value switch
        {
            null => "is missing",
            JsonArray => "[...]",
            JsonObject => "{...}",
            _ => Printable.Of(value.ToJsonString()),
        };
        return new(ErrorCode.InvalidConfig, value is null ? $"{name} is missing" : $"{name} {shown} is wrong", $"it {rule}");
    }
}
