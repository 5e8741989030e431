namespace AkkaOverlay.Cni;

/// <summary>One device of one container in a network: what ADD makes and DEL takes away.</summary>
/// <param name="ContainerId">A letter or digit, then letters, digits, <c>_ . -</c>.</param>
/// <param name="Interface">Name of the device inside the container.</param>
internal readonly record struct Attachment(string ContainerId, string Interface)
{
    /// <summary>IFNAMSIZ of linux/if.h, less the NUL.</summary>
    private const int LongestInterface = 15;

    /// <summary>The specification's alphabet for container ids and network names. Neither <c>/</c> nor <c>..</c> alone passes it.</summary>
    public static bool IsIdentifier(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>As the kernel checks the name of a device (dev_valid_name).</summary>
    public static bool IsInterface(string text) =>
        text.Length is > 0 and <= LongestInterface && text is not ("." or "..") && !text.Any(c => c is '/' or ':' || c > '~' || c <= ' ');
}
