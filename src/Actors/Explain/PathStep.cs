namespace AkkaOverlay.Actors.Explain;

/// <summary>What one place on a packet's way does with it.</summary>
public enum StepState
{
    Unknown = 0,

    /// <summary>It goes on.</summary>
    Ok = 1,

    /// <summary>It stops here.</summary>
    Broken = 2,

    /// <summary>It may stop here: what decides is not known.</summary>
    Doubtful = 3,
}

/// <summary>One place on a packet's way, on one host.</summary>
/// <param name="Place">"route", "device" …: the same words on both hosts.</param>
/// <param name="Actual">What is there.</param>
/// <param name="Wanted">What this node wants there; null where it wants nothing of its own.</param>
/// <param name="Reason">Why the packet stops; null where it goes on.</param>
/// <param name="Mend">A command for this host's shell, or what to do; null where nothing is wrong.</param>
public sealed record PathStep(string Place, StepState State, string Actual, string? Wanted = null, string? Reason = null, string? Mend = null)
{
    /// <summary>Characters of one text: a command may be long.</summary>
    private const int Longest = 2000;

    /// <summary>As it may be shown, whoever wrote it.</summary>
    public PathStep Plain() => this with { Place = Shown(Place)!, Actual = Shown(Actual)!, Wanted = Shown(Wanted), Reason = Shown(Reason), Mend = Shown(Mend) };

    public static PathStep Ok(string place, string actual, string? wanted = null) => new(place, StepState.Ok, actual, wanted);

    public static PathStep Broken(string place, string actual, string reason, string? mend, string? wanted = null) => new(place, StepState.Broken, actual, wanted, reason, mend);

    public static PathStep Doubtful(string place, string actual, string reason, string? mend = null) => new(place, StepState.Doubtful, actual, null, reason, mend);

    private static string? Shown(string? text) => text is null ? null : PlainText.Of(text, Longest);
}
