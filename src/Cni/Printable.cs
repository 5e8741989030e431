namespace AkkaOverlay.Cni;

/// <summary>Words of others inside our own: one line, not too long, nothing that a terminal would obey.</summary>
internal static class Printable
{
    private const int Longest = 200;

    public static string Of(string text)
    {
        string line = string.Concat(text.Take(Longest).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > Longest ? line + "..." : line;
    }
}
