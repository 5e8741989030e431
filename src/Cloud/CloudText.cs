namespace AkkaOverlay.Cloud;

/// <summary>What a provider says, made fit for a log.</summary>
internal static class CloudText
{
    private const int Most = 240;

    /// <summary>One line of bounded length.</summary>
    public static string OneLine(string? text)
    {
        string line = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= Most ? line : $"{line[..Most]}…";
    }
}
