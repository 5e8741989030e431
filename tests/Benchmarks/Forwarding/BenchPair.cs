using System.Diagnostics;
using System.Globalization;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>Two hosts on one cable, with the product running on both, and containers that can talk.</summary>
internal sealed class BenchPair : IDisposable
{
    private readonly Iperf iperf;
    private bool awake = true;

    private BenchPair(Contender contender, LabNetwork network)
    {
        Contender = contender;
        Network = network;
        iperf = new Iperf(network);
    }

    public Contender Contender { get; }

    public LabNetwork Network { get; }

    public static async Task<BenchPair> StartAsync(Contender contender, string executable, CancellationToken cancel)
    {
        var network = LabNetwork.Create(new LabSettings { NetConf = contender.NetConf, Executable = executable, DirectCable = true });
        try
        {
            await new LabBringUp(network, 2, (_, _, _) => { }) { ExtraArguments = _ => contender.Arguments }.RunAsync(LabSettings.ReadyTimeout(2), cancel);
            var pair = new BenchPair(contender, network);
            pair.Sleep();
            return pair;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A node's code is compiled anew, and better, once it is much used: that is over before anything is measured.</summary>
    public void WarmUp()
    {
        Wake();
        Wires.Set(Network, Wire.Packet);
        iperf.Tcp(1, 3);
        Blast.Run(Network, 64, 0, 1);
        Sleep();
    }

    public void Measure(Wire wire, IReadOnlySet<Figure> figures, double seconds, Results results, Action<string> say)
    {
        Wake();
        Wires.Set(Network, wire);
        if (figures.Contains(Figure.Tcp1))
        {
            double before = CpuSeconds();
            var (one, octets) = iperf.Tcp(1, seconds);
            Add(Figure.Tcp1, one / 1e9);
            Add(Figure.CpuSecondsPerGb, (CpuSeconds() - before) / (octets / 1e9));
        }
        if (figures.Contains(Figure.Tcp8))
            Add(Figure.Tcp8, iperf.Tcp(8, seconds).BitsPerSecond / 1e9);
        if (figures.Contains(Figure.Udp64))
            Add(Figure.Udp64, Blast.Run(Network, 64, 0, seconds).PacketsPerSecond / 1e3);
        if (figures.Contains(Figure.Udp1400))
            Add(Figure.Udp1400, Blast.Run(Network, 1400, 0, seconds).PacketsPerSecond / 1e3);
        if (figures.Contains(Figure.Udp64Careful))
            Add(Figure.Udp64Careful, Careful(seconds / 2) / 1e3);
        if (figures.Contains(Figure.RoundTripP50))
        {
            double[] times = RoundTrips.Measure(Network, TimeSpan.FromSeconds(seconds));
            Add(Figure.RoundTripP50, times[times.Length / 2]);
            Add(Figure.RoundTripP99, times[times.Length * 99 / 100]);
        }
        Sleep();

        void Add(Figure figure, double value)
        {
            results.Add(wire, Contender.Name, figure, value);
            say(string.Create(CultureInfo.InvariantCulture, $"  {Contender.Name}, {figure.Title()}: {value:0.00}"));
        }
    }

    public void Dispose()
    {
        Wake();
        iperf.Dispose();
        Network.Dispose();
    }

    /// <summary>The highest rate, by halving the interval, at which one packet in 200 is lost at most.</summary>
    private double Careful(double seconds)
    {
        double low = 0, high = 400_000, best = 0;
        for (int step = 0; step < 7; step++)
        {
            double rate = step == 0 ? 100_000 : (low + high) / 2;
            var (arrived, lost) = Blast.Run(Network, 64, rate, seconds);
            if (lost <= 0.005)
                (low, best) = (rate, Math.Max(best, arrived));
            else
                high = rate;
        }
        return best;
    }

    private double CpuSeconds() => Network.Hosts.Sum(host =>
    {
        // proc(5): utime and stime are fields 14 and 15, in hundredths of a second; the name in field 2 may hold blanks.
        string stat = File.ReadAllText($"/proc/{host.Process!.Id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    });

    private void Sleep()
    {
        if (!Contender.Restless)
            return;
        foreach (var host in Network.Hosts)
            host.Pause();
        awake = false;
    }

    private void Wake()
    {
        if (awake)
            return;
        foreach (var host in Network.Hosts)
            host.Resume();
        awake = true;
        Thread.Sleep(500);
    }
}
