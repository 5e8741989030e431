using System.Diagnostics;
using AkkaOverlay.Chaos.Faults;
using AkkaOverlay.Chaos.History;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Run;

/// <summary>A host whose process is started, killed and stopped, and each of that written down.</summary>
/// <param name="disk">Its state directory's own; null where it is on the machine's.</param>
internal sealed class ChaosHost(LabHost lab, Recorder recorder, SmallDisk? disk)
{
    /// <summary>After that, a process that was asked to end is killed.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private volatile bool wanted;
    private double? leavesSince;
    private int killed;
    private int run;

    public LabHost Lab { get; } = lab;

    public string Name => Lab.Name;

    public SmallDisk? Disk { get; } = disk;

    /// <summary>Held by the one who does something to the process.</summary>
    public SemaphoreSlim Busy { get; } = new(1);

    /// <summary>Counts the processes.</summary>
    public int Run => Volatile.Read(ref run);

    /// <summary>It has ended, and nobody wanted that: not killed, not asked to end, and did not leave as it was told to.</summary>
    public bool HasDied
    {
        get
        {
            lock (gate)
                return wanted && !Lab.IsRunning && !HasLeft;
        }
    }

    /// <summary>It was told to leave, and has ended with success.</summary>
    public bool HasLeft
    {
        get
        {
            lock (gate)
                return !Lab.IsRunning && leavesSince is not null && Lab.Process!.ExitCode == 0;
        }
    }

    /// <summary>May be asked while it is started.</summary>
    public bool IsRunning
    {
        get
        {
            lock (gate)
                return Lab.IsRunning;
        }
    }

    public void Start()
    {
        lock (gate)
        {
            if (Lab.IsRunning)
                return;
            int next = Interlocked.Increment(ref run);
            Lab.Start();
            (wanted, leavesSince) = (true, null);
            recorder.Add(new HostStarted(recorder.Now, Name, next));
        }
    }

    /// <summary>Adopts a process that was started by somebody else.</summary>
    public void Adopt()
    {
        recorder.Add(new HostStarted(recorder.Now, Name, Interlocked.Increment(ref run)));
        wanted = true;
    }

    /// <summary>May happen while it is started, or when it has ended.</summary>
    public void Kill()
    {
        lock (gate)
        {
            wanted = false;
            killed = run;
            Lab.Kill();
        }
    }

    public async Task KillAsync()
    {
        Kill();
        await Lab.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the end. One that loses its power meanwhile, or just before, says nothing about how it would have ended.</summary>
    public async Task StopAsync()
    {
        int stopped;
        long log;
        lock (gate)
        {
            wanted = false;
            stopped = run;
            log = ForcedEnd.EndOf(Lab.LogFile);
            Lab.Terminate();
        }
        long asked = Stopwatch.GetTimestamp();
        int? status = await EndAsync();
        if (status is null)
            await KillAsync();
        else if (Volatile.Read(ref killed) == stopped)
            return;
        recorder.Add(new HostEnded(recorder.Now, Name, Stopwatch.GetElapsedTime(asked).TotalSeconds, status));
        if (ForcedEnd.IsIn(Lab.LogFile, log))
            recorder.Add(new EndForced(recorder.Now, Name));
    }

    /// <summary>It is told to leave for good: from now on an end in order is no accident.</summary>
    public void Leaves()
    {
        lock (gate)
            leavesSince ??= recorder.Now;
    }

    public void Died()
    {
        lock (gate)
        {
            wanted = false;
            int status = Lab.Process!.ExitCode;
            recorder.Add(leavesSince is { } since
                ? new HostCouldNotLeave(recorder.Now, Name, recorder.Now - since, status)
                : new HostDied(recorder.Now, Name, status));
        }
    }

    /// <returns>The exit status; null where the patience came to an end first.</returns>
    private async Task<int?> EndAsync()
    {
        using var patience = new CancellationTokenSource(EndPatience);
        try
        {
            return await Lab.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
