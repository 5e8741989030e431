namespace AkkaOverlay.Actors.Probes;

/// <summary>
/// When a path is asked, and when it is believed. The longest way to a name: a calm path waits 4.4 s for its next question, three more follow half a second apart, and
/// the last of these is given up after a second: 7 s, and 8 s where only the full size is lost.
/// </summary>
public static class ProbeTimes
{
    /// <summary>Between two full-size questions on a path without trouble; a tenth more or less, so that the questions of many paths never fall in step.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(4);

    /// <summary>A small question goes halfway between two full-size ones.</summary>
    public static readonly TimeSpan Halfway = Calm / 2;

    /// <summary>Every so many full-size questions there is a small one.</summary>
    public const int FullPerSmall = 4;

    /// <summary>Between questions while it is in doubt whether a path works, or while it loses packets.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(0.5);

    /// <summary>Between questions on a path that fails for sure.</summary>
    public static readonly TimeSpan Failing = TimeSpan.FromSeconds(2);

    /// <summary>For so long such a path stands back where others are in doubt.</summary>
    public static readonly TimeSpan NotUrgent = TimeSpan.FromSeconds(3);

    /// <summary>An answer that takes longer is none.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Between any two questions of a host, for each IP version: twelve in a second, whatever fails.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(80);

    /// <summary>A path that has never worked is not said to fail so soon: its peer may be programming its kernel still.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    /// <summary>For so long an answered small question says that only the size can be to blame.</summary>
    public static readonly TimeSpan SmallIsFine = TimeSpan.FromSeconds(3);

    /// <summary>A word by the control plane that is older says nothing of now.</summary>
    public static readonly TimeSpan Word = TimeSpan.FromSeconds(15);

    /// <summary>Between two questions by the control plane about one path in trouble.</summary>
    public static readonly TimeSpan WordAgain = TimeSpan.FromSeconds(2);

    /// <summary>Between two to a peer that has never said where it can be probed.</summary>
    public static readonly TimeSpan SilentAgain = TimeSpan.FromSeconds(10);
}
