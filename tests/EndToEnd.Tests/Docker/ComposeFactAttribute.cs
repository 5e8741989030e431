namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A <see cref="DockerFactAttribute"/> that needs Compose, version 1 or 2, too.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ComposeFactAttribute : FactAttribute
{
    public ComposeFactAttribute() => Skip = new DockerFactAttribute().Skip ?? (Program is null ? "there is no Compose (Debian's package docker-compose)" : null);

    /// <summary>How it is called; null where it is not there.</summary>
    public static string[]? Program { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "docker-compose"))) ? ["docker-compose"]
        : new[] { "/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins" }.Any(folder => File.Exists(Path.Combine(folder, "docker-compose"))) ? ["docker", "compose"]
        : null;
}
