namespace AkkaOverlay.Node.Options;

/// <summary>What a node may be called.</summary>
internal static class HostNames
{
    public const string Rule = "letters, digits, '-', '.' and '_', at most 253";

    public static bool IsOne(string text) => text.Length is > 0 and <= 253 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
