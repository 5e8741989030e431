using System.Globalization;
using System.Text;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// A net-conf file that cannot be used. The message is one line, fit for a terminal whatever the file holds: the field, its value and the
/// rule that it breaks.
/// </summary>
public sealed class NetConfException : Exception
{
    private const int LongestQuote = 80;

    internal NetConfException(string field, string value, string rule, Exception? cause = null)
        : base($"{Quote(field)}{(value.Length == 0 ? "" : " " + Quote(value))}: {Escape(rule)}.", cause)
    {
        Field = field;
        Value = value;
        Rule = rule;
    }

    /// <summary>The path of the field, such as <c>Backend.VNI</c>; <c>net-conf</c> for the file as a whole.</summary>
    public string Field { get; }

    /// <summary>The value as it stands in the file, <c>absent</c>, or <c>(hidden)</c> for a secret.</summary>
    public string Value { get; }

    public string Rule { get; }

    /// <summary>Makes text from a file safe to print in one line: no control or formatting characters, and cut after 80.</summary>
    internal static string Quote(string text) => Escape(text.Length <= LongestQuote ? text : text[..LongestQuote] + "...");

    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (IsPrintable(c))
                safe.Append(c);
            else
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return safe.ToString();
    }

    private static bool IsPrintable(char c) => char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
