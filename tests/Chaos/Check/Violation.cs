using System.Globalization;

namespace AkkaOverlay.Chaos.Check;

/// <param name="Rule">Which promise is broken.</param>
/// <param name="At">Seconds since the run began.</param>
public sealed record Violation(string Rule, double At, string Text)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At,7:0.0} {Rule}: {Text}");
}
