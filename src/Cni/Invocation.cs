namespace AkkaOverlay.Cni;

/// <summary>What the runtime said in the environment, checked.</summary>
/// <param name="Attachment">Of ADD, DEL and CHECK.</param>
/// <param name="SearchPath">CNI_PATH: where plugins are looked for, in this order.</param>
/// <param name="Environment">All of it: a delegate gets the same.</param>
internal sealed record Invocation(string Command, Attachment? Attachment, IReadOnlyList<string> SearchPath, IReadOnlyDictionary<string, string> Environment)
{
    private const string Rule = "a letter or digit, then letters, digits, '_', '.' or '-'";

    /// <exception cref="CniException">Code 4: a variable is missing or wrong.</exception>
    public static Invocation Read(IReadOnlyDictionary<string, string> environment)
    {
        string command = Required(environment, "CNI_COMMAND", "any command");
        switch (command)
        {
            case "VERSION":
                return new Invocation(command, null, [], environment);
            case "GC" or "STATUS":
                return new Invocation(command, null, PathOf(environment, command), environment);
            case "ADD" or "CHECK":
                _ = Required(environment, "CNI_NETNS", command);
                goto case "DEL";
            case "DEL":
                return new Invocation(command, AttachmentOf(environment, command), PathOf(environment, command), environment);
            default:
                throw Refuse("CNI_COMMAND", command, "is none of ADD, DEL, CHECK, GC, STATUS, VERSION");
        }
    }

    private static Attachment AttachmentOf(IReadOnlyDictionary<string, string> environment, string command)
    {
        string container = Required(environment, "CNI_CONTAINERID", command), device = Required(environment, "CNI_IFNAME", command);
        if (!Cni.Attachment.IsIdentifier(container))
            throw Refuse("CNI_CONTAINERID", container, $"must be {Rule}");
        if (!Cni.Attachment.IsInterface(device))
            throw Refuse("CNI_IFNAME", device, "must be the name of a device: 1 to 15 characters without '/', ':' and blanks");
        return new Attachment(container, device);
    }

    private static string[] PathOf(IReadOnlyDictionary<string, string> environment, string command) =>
        Required(environment, "CNI_PATH", command).Split(':', StringSplitOptions.RemoveEmptyEntries);

    private static string Required(IReadOnlyDictionary<string, string> environment, string name, string command) =>
        environment.TryGetValue(name, out string? value) && value.Length > 0
            ? value
            : throw new CniException(ErrorCode.InvalidEnvironment, $"the environment variable {name} is missing", $"{command} needs it");

    private static CniException Refuse(string name, string value, string rule) =>
        new(ErrorCode.InvalidEnvironment, $"{name} '{Printable.Of(value)}' {rule}");
}
