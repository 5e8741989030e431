using System.Globalization;

namespace AkkaOverlay.Node.Page;

/// <summary>What a stranger wrote (a host's name, a reason), made fit to be shown: the page takes it as text in any case.</summary>
internal static class PageText
{
    private const int Longest = 300;

    /// <summary>Nothing that moves a cursor, ends a line or turns the direction of what stands beside it.</summary>
    public static string Plain(string text)
    {
        string plain = string.Concat(text.Take(Longest).Select(c => CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '\uFFFD' : c));
        return text.Length > Longest ? $"{plain}…" : plain;
    }
}
