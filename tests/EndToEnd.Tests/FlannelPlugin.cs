namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>flannel's own CNI plugin, where this machine has it. Debian does not ship it (its containernetworking-plugins from 1.0 on is without).</summary>
internal static class FlannelPlugin
{
    /// <summary>Null where there is none. AKKA_OVERLAY_FLANNEL_PLUGIN names one.</summary>
    public static string? Path { get; } =
        new[] { Environment.GetEnvironmentVariable("AKKA_OVERLAY_FLANNEL_PLUGIN"), "/usr/lib/cni/flannel", "/opt/cni/bin/flannel" }.FirstOrDefault(File.Exists);
}

public sealed class FlannelPluginFactAttribute : FactAttribute
{
    public FlannelPluginFactAttribute()
    {
        if (FlannelPlugin.Path is null)
            Skip = "flannel's CNI plugin is not on this machine, and Debian has no package of it; AKKA_OVERLAY_FLANNEL_PLUGIN=FILE names one";
    }
}
