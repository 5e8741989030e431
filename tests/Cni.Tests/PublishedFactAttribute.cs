namespace AkkaOverlay.Cni.Tests;

/// <summary>A spec of the program as it is published; skipped where nobody has.</summary>
public sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute()
    {
        if (Executable.Published is null)
            Skip = "dotnet publish src/Cni -c Release -o artifacts/akka-overlay-cni comes first";
    }
}
