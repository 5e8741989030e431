using System.Runtime.InteropServices;
using System.Globalization;
using AkkaOverlay.Benchmarks;
using AkkaOverlay.Benchmarks.Forwarding;

const string Usage = """
    usage: dotnet run -c Release --project tests/Benchmarks -- peers [--count 5000] [--rounds 5] [--write]
      Programs the kernel for so many vxlan peers, by the product and by iproute2 in turn. --write also keeps the result in docs/.
           dotnet run -c Release --project tests/Benchmarks -- fail-over [--runs 20] [--write]
      Takes the allocator's host away so many times by each kind of loss. Needs the published node (./test.sh and ./lab.sh make it).
           dotnet run -c Release --project tests/Benchmarks -- forwarding [--rounds 5] [--seconds 3] [--only NAME]... [--udp ARGUMENTS]... [--figures LIST] [--wire packet|super] [--write]
      Sends from container to container by kernel vxlan, host-gw and the udp back end in turn. Needs the published node, iperf3 and ethtool.
           dotnet run -c Release --project tests/Benchmarks -- tricks [--rounds 5] [--seconds 3]
      What each trick of the udp back end brings. "forwarding --write" does this too.
    """;

if (args is not [("peers" or "fail-over" or "forwarding" or "tricks") and var what, .. var options])
    return Wrong("");

int count = 5000, rounds = 5, runs = 20, seconds = 3;
var only = new List<string>();
var tried = new List<Contender>();
var figures = new HashSet<Figure>(Enum.GetValues<Figure>());
var wires = new List<Wire>(Enum.GetValues<Wire>());
bool write = false;
for (int i = 0; i < options.Length; i++)
{
    if (options[i] == "--write")
        write = true;
    else if (options[i] == "--count" && TryNumber(options, ++i, out count))
        continue;
    else if (options[i] == "--rounds" && TryNumber(options, ++i, out rounds))
        continue;
    else if (options[i] == "--seconds" && TryNumber(options, ++i, out seconds))
        continue;
    else if (options[i] == "--only" && ++i < options.Length && Contender.All.Any(contender => contender.Name == options[i]))
        only.Add(options[i]);
    else if (options[i] == "--udp" && ++i < options.Length)
        tried.Add(Contender.Udp(options[i]));
    else if (options[i] == "--figures" && ++i < options.Length && TryNames(options[i], out Figure[] some))
        figures.IntersectWith(some);
    else if (options[i] == "--wire" && ++i < options.Length && TryNames(options[i], out Wire[] one))
        wires = [.. one];
    else if (options[i] == "--runs" && TryNumber(options, ++i, out runs))
        continue;
    else
        return Wrong($"{options[Math.Min(i, options.Length - 1)]}?");
}
if (count > Peers.MostPeers)
    return Wrong($"--count: at most {Peers.MostPeers}");

using var interrupt = new CancellationTokenSource();
// What the labs made goes also when it is told to end (a runner's deadline), not only by Ctrl-C.
using var ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    interrupt.Cancel();
}
try
{
    if (what == "tricks")
    {
        Console.WriteLine(TricksBenchmark.Run(rounds, seconds, Console.WriteLine, interrupt.Token));
        return 0;
    }
    if (what == "forwarding")
    {
        var contenders = Contender.All.Where(contender => only.Count == 0 || only.Contains(contender.Name)).Concat(tried).ToList();
        var measured = await ForwardingBenchmark.Run(contenders, wires, figures, rounds, seconds, Console.WriteLine, interrupt.Token);
        foreach (var wire in wires)
            Console.WriteLine($"\n{ForwardingReport.Table(measured, contenders, wire)}");
        Console.WriteLine($"\n{string.Join('\n', ForwardingReport.Goals(measured))}");
        if (write)
            Console.WriteLine($"Wrote {ForwardingReport.Write(measured, contenders, rounds, seconds, TricksBenchmark.Run(rounds, seconds, Console.WriteLine, interrupt.Token))}");
        return 0;
    }
    if (what == "fail-over")
    {
        var losses = await FailOverBenchmark.Run(runs, Console.WriteLine, interrupt.Token);
        foreach (string line in FailOverBenchmark.Lines(losses))
            Console.WriteLine(line);
        if (write)
            Console.WriteLine($"Wrote {FailOverBenchmark.Write(losses)}");
        return 0;
    }
    var result = await PeersBenchmark.Run(count, rounds, Console.WriteLine, interrupt.Token);
    foreach (string line in Report.Lines(result))
        Console.WriteLine(line);
    if (write)
        Console.WriteLine($"Wrote {Report.Write(result)}");
    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Interrupted; nothing is left behind.");
    return 130;
}

static bool TryNumber(string[] options, int at, out int number)
{
    number = 0;
    return at < options.Length && int.TryParse(options[at], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
}

static bool TryNames<T>(string list, out T[] names) where T : struct, Enum
{
    var parsed = list.Split(',').Select(name => Enum.TryParse<T>(name, ignoreCase: true, out var value) ? (T?)value : null).ToList();
    names = [.. parsed.OfType<T>()];
    return names.Length == parsed.Count;
}

static int Wrong(string why)
{
    Console.Error.WriteLine(why);
    Console.Error.WriteLine(Usage);
    return 2;
}
