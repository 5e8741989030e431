using System.Globalization;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>Durations for people.</summary>
public static class DurationText
{
    /// <returns>Such as "45s", "12m", "23h 5m", "3d 4h"; rounded up, so that nobody waits for what is there already.</returns>
    public static string Of(TimeSpan time)
    {
        if (time < TimeSpan.FromMinutes(1))
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)}s");
        long minutes = (long)Math.Ceiling(time.TotalMinutes);
        return minutes switch
        {
            < 60 => Text(minutes, "m", 0, ""),
            < 24 * 60 => Text(minutes / 60, "h", minutes % 60, "m"),
            _ => Text(minutes / (24 * 60), "d", minutes / 60 % 24, "h"),
        };
    }

    private static string Text(long first, string unit, long rest, string restUnit) =>
        string.Create(CultureInfo.InvariantCulture, $"{first}{unit}{(rest == 0 ? "" : $" {rest}{restUnit}")}");
}
