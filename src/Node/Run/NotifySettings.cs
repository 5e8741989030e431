using System.Globalization;

namespace AkkaOverlay.Node.Run;

/// <summary>What systemd asks of a service with Type=notify (sd_notify(3), sd_watchdog_enabled(3)).</summary>
/// <param name="Socket">NOTIFY_SOCKET: a path, or an abstract name that begins with '@'.</param>
/// <param name="Watchdog">
/// WATCHDOG_USEC: without a sign of life for this long, systemd kills the service; null where it does not watch.
/// </param>
internal sealed record NotifySettings(string Socket, TimeSpan? Watchdog)
{
    private const string SocketVariable = "NOTIFY_SOCKET", PeriodVariable = "WATCHDOG_USEC", ProcessVariable = "WATCHDOG_PID";

    /// <summary>Reads the variables and takes them out of the environment, so that no child of this process speaks in its name.</summary>
    /// <returns>Null where nobody wants to be told.</returns>
    public static NotifySettings? Take()
    {
        var settings = From(Environment.GetEnvironmentVariable, Environment.ProcessId);
        foreach (string variable in new[] { SocketVariable, PeriodVariable, ProcessVariable })
            Environment.SetEnvironmentVariable(variable, null);
        return settings;
    }

    internal static NotifySettings? From(Func<string, string?> variable, int processId) =>
        variable(SocketVariable) is { Length: > 0 } socket ? new NotifySettings(socket, WatchdogOf(variable, processId)) : null;

    private static TimeSpan? WatchdogOf(Func<string, string?> variable, int processId)
    {
        // Meant for another process of the service.
        if (variable(ProcessVariable) is { Length: > 0 } meant && meant != processId.ToString(CultureInfo.InvariantCulture))
            return null;
        return long.TryParse(variable(PeriodVariable), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds is > 0 and < long.MaxValue / TimeSpan.TicksPerMicrosecond
                ? TimeSpan.FromMicroseconds(microseconds)
                : null;
    }
}
