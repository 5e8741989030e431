using System.Text;

namespace AkkaOverlay.Actors.Extension;

/// <summary><c>$NAME</c> and <c>${NAME}</c> in a text.</summary>
internal static class ValueNames
{
    /// <summary>One pass: what a value brings along is not looked at again.</summary>
    /// <param name="valueOf">Null leaves the text as it is.</param>
    public static string Replace(string text, Func<string, string?> valueOf)
    {
        var result = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length;)
        {
            if (Read(text, at) is ({ } name, var length) && valueOf(name) is { } value)
            {
                result.Append(value);
                at += length;
            }
            else
            {
                result.Append(text[at++]);
            }
        }
        return result.ToString();
    }

    /// <returns>The name that the text begins with; null where it begins with none.</returns>
    public static string? First(string text) => Read(text, 0)?.Name;

    private static (string Name, int Length)? Read(string text, int at)
    {
        if (text[at] != '$')
            return null;
        bool braced = at + 1 < text.Length && text[at + 1] == '{';
        int begin = at + (braced ? 2 : 1), end = begin;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            end++;
        if (end == begin || (braced && (end == text.Length || text[end] != '}')))
            return null;
        return (text[begin..end], (braced ? end + 1 : end) - at);
    }
}
