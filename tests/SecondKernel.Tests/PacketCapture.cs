using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>What tcpdump(8) sees on eth0 of a namespace while this runs.</summary>
internal sealed class PacketCapture : IDisposable
{
    private const int FileHeader = 24, RecordHeader = 16, CapturedLength = 8;

    private readonly ConcurrentQueue<byte[]> frames = new();
    private readonly Process tcpdump;
    private readonly Task reading;

    private PacketCapture(Process tcpdump)
    {
        this.tcpdump = tcpdump;
        reading = Task.Run(ReadAsync);
    }

    /// <summary>Ethernet frames, each as long as it was.</summary>
    public IReadOnlyList<byte[]> Frames => [.. frames];

    /// <returns>When it listens.</returns>
    /// <param name="filter">pcap-filter(7).</param>
    public static async Task<PacketCapture> StartAsync(NetworkNamespace inside, string filter)
    {
        var tcpdump = Command.Start(inside, "tcpdump", "-Z", "root", "--immediate-mode", "-U", "-w", "-", "-i", "eth0", filter);
        while (await tcpdump.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("listening on", StringComparison.Ordinal))
                return new PacketCapture(tcpdump);
        }
        throw new InvalidOperationException($"tcpdump {filter} did not start");
    }

    /// <summary>All frames, once there are so many.</summary>
    public async Task<IReadOnlyList<byte[]>> WaitForAsync(int count)
    {
        await OverlayLab.Eventually($"{count} packets are captured", () => Task.FromResult(frames.Count >= count), TimeSpan.FromSeconds(10) * OverlayLab.Slowness);
        return Frames;
    }

    public void Dispose()
    {
        tcpdump.Kill();
        tcpdump.WaitForExit();
        reading.Wait();
        tcpdump.Dispose();
    }

    /// <summary>The file's format of pcap-savefile(5), as a little-endian machine writes it.</summary>
    private async Task ReadAsync()
    {
        var file = tcpdump.StandardOutput.BaseStream;
        byte[] header = new byte[FileHeader];
        try
        {
            await file.ReadExactlyAsync(header);
            while (true)
            {
                await file.ReadExactlyAsync(header.AsMemory(0, RecordHeader));
                byte[] frame = new byte[BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(CapturedLength))];
                await file.ReadExactlyAsync(frame);
                frames.Enqueue(frame);
            }
        }
        catch (EndOfStreamException)
        {
            // tcpdump has ended.
        }
    }
}
