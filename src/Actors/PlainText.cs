using System.Globalization;

namespace AkkaOverlay.Actors;

/// <summary>What another process wrote, as it may stand in a log, on a terminal and on a page.</summary>
public static class PlainText
{
    /// <summary>Characters of a sentence.</summary>
    public const int Longest = 300;

    /// <summary>It begins no line of its own, moves no cursor and turns no direction of writing (Unicode, 23.2); what is too long is cut.</summary>
    public static string Of(string text, int longest = Longest)
    {
        string plain = text.Any(IsHostile) ? string.Concat(text.Select(c => IsHostile(c) ? '?' : c)) : text;
        return plain.Length > longest ? $"{plain[..longest]}..." : plain;
    }

    private static bool IsHostile(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
