using System.Diagnostics;
using AkkaOverlay.Node.Options;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>Whether a host that stops will come back: only then is its lease worth keeping.</summary>
internal static class LeaseFate
{
    public static async Task<bool> ReleasedAtExit(OnExit onExit, ILogger log) => onExit switch
    {
        OnExit.Keep => false,
        OnExit.Release => true,
        _ => await GoingDownForGood(log),
    };

    /// <summary>
    /// True where systemd has a job queued that ends in power off or halt. A reboot and a kexec come back, and without systemd nobody can say.
    /// </summary>
    private static async Task<bool> GoingDownForGood(ILogger log)
    {
        // sd_booted(3)
        if (!Directory.Exists("/run/systemd/system"))
            return false;
        try
        {
            var start = new ProcessStartInfo("systemctl", "list-jobs --no-legend --no-pager --plain") { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            string jobs = await process.StandardOutput.ReadToEndAsync(patience.Token);
            return SaysGoodbye(jobs);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            log.LogWarning("systemd does not say whether the machine goes down for good ({Reason}): the lease is kept", e.Message);
            return false;
        }
    }

    /// <param name="jobs">Lines of <c>systemctl list-jobs</c>: id, unit, type, state.</param>
    internal static bool SaysGoodbye(string jobs) => jobs
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(job => job is [_, "poweroff.target" or "halt.target", "start", ..]);
}
