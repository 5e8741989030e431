using System.Globalization;

namespace AkkaOverlay.Node.Options;

/// <summary>Durations as operators type them: a number and its unit, such as 24h, 90m, 30s, 7d.</summary>
internal static class Duration
{
    /// <summary>Ten years: whoever wants more wants it for ever.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>Behind a value that is none.</summary>
    public const string Rule = "not a duration such as 24h, 90m, 30s or 7d";

    /// <returns>Null where the text is none. Longer than any that is of use: one above <see cref="Longest"/>.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !ulong.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return null;
        TimeSpan? unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        return unit is not { } one ? null : number > (ulong)(Longest / one) ? TimeSpan.MaxValue : number * one;
    }
}
