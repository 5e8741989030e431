using System.Net.Sockets;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Node.Api;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// Tells systemd how the node stands, by asking the node itself, as its API would be asked:
/// <code>
/// READY=1       once, when the lease is held and every known peer is programmed
/// STATUS=…      one line, whenever it changes
/// WATCHDOG=1    twice per WatchdogSec, and only while the host's actors answer: a node that hangs is killed and started again
/// EXTEND_TIMEOUT_USEC=…   every 5 s while the node waits for containers: systemd would not wait that long for its end
/// STOPPING=1    when the node begins to end
/// </code>
/// Without systemd it does nothing. Whatever is wrong with the socket, the node goes on.
/// </summary>
internal sealed class SystemdNotifier : IAsyncDisposable
{
    private static readonly TimeSpan Eager = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExtendAgain = TimeSpan.FromSeconds(5);

    /// <summary>What is left when the wait is over is enough for the way out.</summary>
    private const string Extension = "EXTEND_TIMEOUT_USEC=30000000";

    private readonly NotifySocket? socket;
    private readonly TimeSpan? watchdog;
    private readonly ILogger log;
    private readonly CancellationTokenSource ended = new();
    private Task loop = Task.CompletedTask;
    private bool ready;
    private bool warned;
    private bool silent;
    private string? lastStatus;
    private long lastWatchdog;
    private long? lastExtension;

    /// <param name="settings">Null without systemd.</param>
    public SystemdNotifier(NotifySettings? settings, ILogger log)
    {
        this.log = log;
        watchdog = settings?.Watchdog / 2;
        if (settings is null)
            return;
        try
        {
            socket = new NotifySocket(settings.Socket);
        }
        catch (ArgumentException e)
        {
            log.LogWarning("systemd is told nothing: NOTIFY_SOCKET '{Socket}' is {Reason}", settings.Socket, e.Message);
        }
    }

    /// <param name="ask">Asks the actors; fails or does not end where they do not answer.</param>
    public void Start(Func<Task<StatusModel>> ask)
    {
        if (socket is not null)
            loop = Task.Run(() => Watch(ask));
    }

    /// <summary>The node begins to end: from here on systemd's own time-out counts.</summary>
    public async Task StoppingAsync(string why)
    {
        await ended.CancelAsync();
        await loop;
        Send($"STOPPING=1\nSTATUS={why}");
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await loop;
        socket?.Dispose();
        ended.Dispose();
    }

    /// <summary>One line for <c>systemctl status</c>.</summary>
    internal static string Describe(StatusModel status)
    {
        string text = DrainOf(status) is { } drain ? $"draining: {drain.Detail}"
            : status.Components.FirstOrDefault(component => !component.Ready) is { } missing ? $"waiting: {missing.Name}: {missing.Detail}"
            : $"{Subnets(status)}, {status.Peers} {(status.Peers == 1 ? "peer" : "peers")}, cluster {status.Cluster}";
        // A line feed would begin the next assignment.
        return text.ReplaceLineEndings(" ");
    }

    private static ComponentModel? DrainOf(StatusModel status) => status.Components.FirstOrDefault(component => component.Name == HostProtocol.Draining.ComponentName);

    private static string Subnets(StatusModel status) =>
        string.Join(" and ", new[] { status.Lease?.Subnet, status.Lease?.Ipv6Subnet }.OfType<string>().DefaultIfEmpty("no lease"));

    private async Task Watch(Func<Task<StatusModel>> ask)
    {
        lastWatchdog = TimeProvider.System.GetTimestamp();
        do
        {
            try
            {
                Tell(await ask().WaitAsync(ended.Token));
                silent = false;
            }
            // The node ends, and its actors with it: however the question fails then.
            catch (Exception) when (ended.IsCancellationRequested)
            {
                return;
            }
            // Whatever it is that keeps the actors from answering: systemd hears nothing, and decides.
            catch (Exception e)
            {
                if (!silent)
                    log.LogWarning("systemd gets no sign of life: the node's own actors do not answer ({Reason})", e.Message);
                silent = true;
            }
        }
        while (await Pause());
    }

    private void Tell(StatusModel status)
    {
        var lines = new List<string>();
        string text = Describe(status);
        if (text != lastStatus)
            lines.Add($"STATUS={text}");
        if (status.Ready && !ready)
            lines.Add("READY=1");
        bool alive = watchdog is { } half && TimeProvider.System.GetElapsedTime(lastWatchdog) >= half;
        if (alive)
            lines.Add("WATCHDOG=1");
        bool extends = DrainOf(status) is not null && (lastExtension is not { } last || TimeProvider.System.GetElapsedTime(last) >= ExtendAgain);
        if (extends)
            lines.Add(Extension);
        // What could not be said is said again.
        if (lines.Count == 0 || !Send(string.Join('\n', lines)))
            return;
        lastStatus = text;
        ready |= status.Ready;
        if (alive)
            lastWatchdog = TimeProvider.System.GetTimestamp();
        if (extends)
            lastExtension = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Short while somebody waits for READY=1, and never so long that the watchdog's time goes by.</summary>
    /// <returns>False where the node ends.</returns>
    private async Task<bool> Pause()
    {
        var pause = ready ? Calm : Eager;
        if (watchdog / 4 is { } quarter && quarter < pause)
            pause = quarter;
        await Task.Delay(pause, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !ended.IsCancellationRequested;
    }

    private bool Send(string assignments)
    {
        if (socket is null)
            return false;
        try
        {
            socket.Send(assignments);
            return true;
        }
        catch (SocketException e)
        {
            if (!warned)
                log.LogWarning("systemd cannot be told how the node stands: NOTIFY_SOCKET: {Reason}", e.Message);
            warned = true;
            return false;
        }
    }
}
