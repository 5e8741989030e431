using AkkaOverlay.Fuzz.Engine;

namespace AkkaOverlay.Fuzz.Targets;

internal static class AllTargets
{
    /// <summary>Every parser of bytes from outside.</summary>
    public static IReadOnlyList<FuzzTarget> List { get; } = [.. NetlinkTargets.All(), WireTarget.Create(), .. FileTargets.All(), .. TextTargets.All()];
}
