using System.Collections.Immutable;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>How one engine's rules stand after it was asked to put them in place.</summary>
/// <param name="Written">Transactions that the kernel took.</param>
/// <param name="Error">Why they are not in place, in one line; null where they are.</param>
/// <param name="Notes">What an operator should know although it is no error.</param>
public sealed record EngineOutcome(int Written, string? Error, ImmutableArray<string> Notes)
{
    /// <summary>The program is not installed: nothing was refused.</summary>
    public bool IsMissing { get; init; }

    /// <summary>Why what shall not be there any more is not yet gone, in one line; null where it is.</summary>
    public string? Leftover { get; init; }

    public static readonly EngineOutcome Unchanged = new(0, null, []);

    public static EngineOutcome Failed(string error) => new(0, error, []);
}
