using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>sd_notify(3) and sd_watchdog_enabled(3): what counts, and for whom.</summary>
public sealed class NotifySettingsSpecs
{
    private const int Self = 4711;

    [Fact]
    public void Without_a_socket_nobody_is_told() => Assert.Null(Read(("WATCHDOG_USEC", "30000000")));

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "4711", 30.0)]
    [InlineData("500000", "", 0.5)]
    public void The_watchdog_is_ours_unless_another_process_is_named(string period, string? process, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(("NOTIFY_SOCKET", "/run/systemd/notify"), ("WATCHDOG_USEC", period), ("WATCHDOG_PID", process))!.Watchdog);

    [Theory]
    [InlineData("30000000", "4712")]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("30s", null)]
    [InlineData("9223372036854775807", null)]
    [InlineData(null, null)]
    public void Otherwise_nobody_watches(string? period, string? process) =>
        Assert.Null(Read(("NOTIFY_SOCKET", "@x"), ("WATCHDOG_USEC", period), ("WATCHDOG_PID", process))!.Watchdog);

    [Fact]
    public void No_child_inherits_them()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "/run/systemd/notify");
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "30000000");
        Environment.SetEnvironmentVariable("WATCHDOG_PID", "1");
        Assert.Equal(new NotifySettings("/run/systemd/notify", null), NotifySettings.Take());
        var child = new System.Diagnostics.ProcessStartInfo("env").Environment;
        Assert.DoesNotContain(child.Keys, name => name is "NOTIFY_SOCKET" or "WATCHDOG_USEC" or "WATCHDOG_PID");
        Assert.Null(NotifySettings.Take());
    }

    private static NotifySettings? Read(params (string Name, string? Value)[] variables) =>
        NotifySettings.From(name => variables.FirstOrDefault(variable => variable.Name == name).Value, Self);
}
