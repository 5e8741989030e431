namespace AkkaOverlay.BackEndMatrix;

internal enum Outcome
{
    Passed,
    NotApplicable,
    Failed,
}

/// <param name="Reason">Of one that is not applicable: a sentence without a line break, a bar or a full stop at its end. Else null.</param>
internal readonly record struct Cell(Outcome Outcome, string? Reason)
{
    private const string Yes = "yes", No = "failed", Not = "n/a: ";

    public static Cell Passed { get; } = new(Outcome.Passed, null);

    public static Cell Failed { get; } = new(Outcome.Failed, null);

    public static Cell NotApplicable(string reason) => new(Outcome.NotApplicable, reason);

    /// <exception cref="FormatException">It is none.</exception>
    public static Cell Parse(string text) => text switch
    {
        Yes => Passed,
        No => Failed,
        _ when text.StartsWith(Not, StringComparison.Ordinal) => NotApplicable(text[Not.Length..]),
        _ => throw new FormatException($"'{text}' is no cell"),
    };

    public override string ToString() => Outcome switch
    {
        Outcome.Passed => Yes,
        Outcome.Failed => No,
        _ => Not + Reason,
    };
}
