namespace AkkaOverlay.Chaos.Run;

/// <summary>What a node logs when its own deadline ends it: seen from outside it ends in time and with success, whatever hung.</summary>
public static class ForcedEnd
{
    public const string Text = "Not everything came to its end";

    /// <summary>Octets that the log has now; 0 where there is none.</summary>
    public static long EndOf(string log) => File.Exists(log) ? new FileInfo(log).Length : 0;

    /// <param name="from">Where the log was before.</param>
    public static bool IsIn(string log, long from)
    {
        if (!File.Exists(log))
            return false;
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(from, stream.Length);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Contains(Text, StringComparison.Ordinal);
    }
}
