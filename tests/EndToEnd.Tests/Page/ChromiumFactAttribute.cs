namespace AkkaOverlay.EndToEnd.Tests.Page;

/// <summary>Runs where there is a Chromium; skipped where it cannot be installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.Program is null ? "chromium is not there (Debian's package chromium)" : null;
}
