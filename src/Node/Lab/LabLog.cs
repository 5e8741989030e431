using System.Text;

namespace AkkaOverlay.Node.Lab;

/// <summary>A node's log: what it writes to its standard output and error, up to a limit over all its runs.</summary>
internal sealed class LabLog(string path, long limit = LabLog.DefaultLimit) : IDisposable
{
    public const long DefaultLimit = 10 * 1024 * 1024;

    private readonly Lock gate = new();
    private StreamWriter? writer;
    private long written;
    private bool closed;

    public string Path { get; } = path;

    /// <summary>Takes null, which a process's output gives at its end, for nothing.</summary>
    public void Write(string? line)
    {
        if (line is null)
            return;
        lock (gate)
        {
            if (closed)
                return;
            writer ??= new StreamWriter(Path, append: true) { AutoFlush = true };
            written += Encoding.UTF8.GetByteCount(line) + 1;
            if (written <= limit)
            {
                writer.Write(line + '\n');
                return;
            }
            writer.Write($"-- the log ends here: {limit} octets are enough --\n");
            Close();
        }
    }

    /// <summary>The last lines, without control characters: it goes to a terminal.</summary>
    public IReadOnlyList<string> Tail(int count)
    {
        try
        {
            return [.. File.ReadLines(Path).TakeLast(count).Select(line => new string([.. line.Select(c => char.IsControl(c) ? ' ' : c)]))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    public void Dispose()
    {
        lock (gate)
            Close();
    }

    private void Close()
    {
        closed = true;
        writer?.Dispose();
    }
}
