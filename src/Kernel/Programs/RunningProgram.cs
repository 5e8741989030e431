using System.Diagnostics;
using System.Text;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Programs;

/// <summary>A process whose three streams are ours: what it reads is written, what it prints is read, and its end is waited for.</summary>
/// <param name="process">Disposed by whoever started it.</param>
/// <param name="leadsGroup">It is the first of a process group of its own, which ends with it where it must be ended.</param>
public sealed class RunningProgram(Process process, bool leadsGroup = false)
{
    /// <summary>Of a stream that somebody whom the program left behind holds open.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(1);

    /// <summary>A program whose streams do not end either has not ended in time; otherwise what it printed until then is enough.</summary>
    public bool WaitsForStreams { get; init; }

    /// <summary>Characters that are kept of each stream; the rest is read and dropped.</summary>
    public int MaxOutput { get; init; } = int.MaxValue;

    /// <returns>What it printed on both streams; null where it did not end in time and was killed.</returns>
    /// <exception cref="OperationCanceledException">It was killed for that.</exception>
    public async Task<(string Output, string Error)?> FinishAsync(string input, TimeSpan patience, CancellationToken cancel = default)
    {
        StringBuilder output = new(), error = new();
        // Closed behind it: whom the program left behind may hold the other ends for ever, and nobody is to read for as long.
        using StreamReader standardOutput = process.StandardOutput, standardError = process.StandardError;
        var read = Task.WhenAll(ReadAsync(standardOutput, output), ReadAsync(standardError, error));
        // A child that reads nothing would keep a plain write waiting.
        var written = WriteAsync(input);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill();
            cancel.ThrowIfCancellationRequested();
            return null;
        }
        // What is tried again is not to find its first try at work.
        if (process.ExitCode != 0)
            KillGroup();
        var streams = Task.WhenAll(read, written);
        bool ended = await Task.WhenAny(streams, Task.Delay(WaitsForStreams ? patience : StreamPatience, CancellationToken.None)).ConfigureAwait(false) == streams;
        if (!ended && WaitsForStreams)
        {
            Kill();
            return null;
        }
        return (Text(output), Text(error));
    }

    private void KillGroup()
    {
        if (leadsGroup)
            _ = LibC.kill(-process.Id, LibC.SIGKILL);
    }

    private void Kill()
    {
        KillGroup();
        process.Kill(entireProcessTree: true);
    }

    private async Task ReadAsync(StreamReader stream, StringBuilder into)
    {
        var buffer = new char[4096];
        try
        {
            while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                lock (into)
                    into.Append(buffer, 0, Math.Min(count, MaxOutput - into.Length));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed on our side.
        }
    }

    private static string Text(StringBuilder builder)
    {
        lock (builder)
            return builder.ToString();
    }

    private async Task WriteAsync(string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended without reading: its exit status says why.
        }
    }
}
