using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// A ping in a steady rhythm, to see how long a path is interrupted. Where the machine is too busy to keep the rhythm, requests are
/// left out and not made up for, so that no gap is seen that the network did not have.
/// </summary>
public sealed class PingStream : IDisposable
{
    /// <summary>A reply after that is as good as none.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Pinger pinger;
    private readonly IPAddress address;
    private readonly TimeSpan interval;
    private readonly ulong token;
    private readonly Lock gate = new();
    private readonly List<Echo> echoes = [];
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread sender;

    internal PingStream(Pinger pinger, IPAddress address, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        this.pinger = pinger;
        this.address = address;
        this.interval = interval;
        token = pinger.Register(address, OnReply);
        sender = new Thread(SendAll) { IsBackground = true, Name = $"ping {address}" };
        sender.Start();
    }

    /// <param name="Sent">Timestamp.</param>
    /// <param name="Arrived">Timestamp; 0 for no reply.</param>
    private record struct Echo(long Sent, long Arrived)
    {
        public readonly TimeSpan? RoundTrip =>
            Arrived != 0 && Stopwatch.GetElapsedTime(Sent, Arrived) is var time && time <= Patience ? time : null;
    }

    /// <summary>What is known now. Requests that may still be answered are no part of it.</summary>
    public PingStreamResult Snapshot()
    {
        long now = Stopwatch.GetTimestamp();
        lock (gate)
            return Evaluate(now, echo => echo.Arrived != 0 || Stopwatch.GetElapsedTime(echo.Sent, now) > Patience);
    }

    /// <summary>Stops to send, waits for replies under way, and gives the whole.</summary>
    public async Task<PingStreamResult> StopAsync()
    {
        stop.Set();
        await Task.Run(sender.Join);
        long stopped = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(stopped) <= Patience && AnyMissing())
            await Task.Delay(10);
        Dispose();
        lock (gate)
            return Evaluate(stopped, static _ => true);
    }

    public void Dispose()
    {
        stop.Set();
        pinger.Unregister(token);
    }

    private bool AnyMissing()
    {
        lock (gate)
            return echoes.Any(echo => echo.Arrived == 0);
    }

    private void SendAll()
    {
        long next = Stopwatch.GetTimestamp();
        long step = (long)(interval.TotalSeconds * Stopwatch.Frequency);
        while (!stop.IsSet)
        {
            int sequence;
            lock (gate)
            {
                sequence = echoes.Count;
                echoes.Add(new Echo(Stopwatch.GetTimestamp(), 0));
            }
            pinger.Send(address, token, sequence);
            long now = Stopwatch.GetTimestamp();
            next = Math.Max(next + step, now);
            stop.Wait(Stopwatch.GetElapsedTime(now, next));
        }
    }

    private void OnReply(long sequence, long arrived)
    {
        lock (gate)
        {
            if (sequence >= 0 && sequence < echoes.Count && echoes[(int)sequence].Arrived == 0)
                echoes[(int)sequence] = echoes[(int)sequence] with { Arrived = arrived };
        }
    }

    private PingStreamResult Evaluate(long end, Func<Echo, bool> isSettled)
    {
        var lost = new List<long>();
        var lostAt = new List<long>();
        TimeSpan gap = TimeSpan.Zero, best = TimeSpan.MaxValue, worst = TimeSpan.Zero;
        long settled = 0, gapStart = 0;
        for (int sequence = 0; sequence < echoes.Count; sequence++)
        {
            var echo = echoes[sequence];
            if (!isSettled(echo))
                continue;
            settled++;
            if (echo.RoundTrip is { } time)
            {
                (best, worst) = (Min(best, time), Max(worst, time));
                gap = gapStart == 0 ? gap : Max(gap, Stopwatch.GetElapsedTime(gapStart, echo.Sent));
                gapStart = 0;
            }
            else
            {
                lost.Add(sequence);
                lostAt.Add(echo.Sent);
                gapStart = gapStart == 0 ? echo.Sent : gapStart;
            }
        }
        gap = gapStart == 0 ? gap : Max(gap, Stopwatch.GetElapsedTime(gapStart, end));
        long received = settled - lost.Count;
        return new PingStreamResult(settled, received, lost, gap, received > 0 ? best : null, received > 0 ? worst : null) { LostAt = lostAt };
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

/// <param name="Lost">Sequence numbers, from 0, ascending.</param>
/// <param name="LongestGap">
/// From the sending of the first of consecutive lost requests to that of the next answered one, or to the end; zero where none was lost.
/// </param>
/// <param name="Best">Shortest round-trip time; null where nothing was answered.</param>
public sealed record PingStreamResult(
    long Sent,
    long Received,
    IReadOnlyList<long> Lost,
    TimeSpan LongestGap,
    TimeSpan? Best,
    TimeSpan? Worst)
{
    /// <summary>When each of the lost ones was sent (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public IReadOnlyList<long> LostAt { get; init; } = [];

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Sent} sent, {Received} received, {Lost.Count} lost, gap {LongestGap.TotalMilliseconds:0} ms, "
            + $"round trip {Best?.TotalMilliseconds:0.00} to {Worst?.TotalMilliseconds:0.00} ms");
}
