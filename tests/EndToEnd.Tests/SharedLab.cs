using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>
/// One overlay of three hosts for all specs of a class, each of which leaves it as it was: h1 is the core, and its management API takes changes over TCP too;
/// h2's is read-only there; h3 may be killed.
/// </summary>
public sealed class SharedLab : IAsyncLifetime, ITestOutputHelper
{
    public const string Token = "correct-horse-battery-staple";

    public const int ApiPort = 9453;

    private readonly string tokenFile = Path.GetTempFileName();

    /// <summary>Of the spec that runs.</summary>
    public ITestOutputHelper? Output { get; set; }

    internal OverlayLab Lab { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(tokenFile, $"{Token}\n");
        File.SetUnixFileMode(tokenFile, UnixFileMode.UserRead);
        Lab = OverlayLab.Prepare(this, 3);
        Lab[1].Start("--api-listen", $"192.168.77.1:{ApiPort}", "--api-token-file", tokenFile);
        Lab[2].Start("--api-listen", $"0.0.0.0:{ApiPort}");
        Lab[3].Start();
        await Lab.WaitReadyAsync();
    }

    public Task DisposeAsync()
    {
        Lab.Dispose();
        File.Delete(tokenFile);
        return Task.CompletedTask;
    }

    public void WriteLine(string message) => Output?.WriteLine(message);

    public void WriteLine(string format, params object[] args) => Output?.WriteLine(format, args);

    /// <summary>h3 runs, and the others know it.</summary>
    internal async Task WholeAsync()
    {
        if (!Lab[3].IsRunning)
            Lab[3].Start();
        await OverlayLab.Eventually(
            "three members are up",
            async () => (await Task.WhenAll(Lab.Hosts.Select(host => host.Api.MembersAsync()))).All(seen => seen.Members.Count(member => member.Status == "Up") == 3 && seen.Members.Count == 3 && seen.Unreachable.Count == 0),
            TimeSpan.FromSeconds(60));
        await Lab.WaitReadyAsync();
    }
}
