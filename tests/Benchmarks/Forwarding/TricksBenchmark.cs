using System.Globalization;
using System.Net;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>What each trick of the forwarders brings: the loops alone, in this process, between the same two hosts, with each of them switched off in turn.</summary>
internal static class TricksBenchmark
{
    private const string Device = "flannel0";

    public static string Run(int rounds, double seconds, Action<string> say, CancellationToken cancel)
    {
        using var oneGroup = new OneSchedulerGroup();
        using var network = LabNetwork.Create(new LabSettings { DirectCable = true });
        for (int i = 0; i < 2; i++)
            network.AddHost();
        foreach (var host in network.Hosts)
            Prepare(host);
        Wires.Set(network, Wire.Packet);
        using var iperf = new Iperf(network);
        var results = Trick.All.ToDictionary(trick => trick, _ => new List<(double Tcp, double Udp, double Cpu)>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (var trick in Trick.All)
            {
                cancel.ThrowIfCancellationRequested();
                var loops = Enumerable.Range(0, 2).Select(me => Start(network, me, trick.Options)).ToList();
                iperf.Tcp(1, 1);
                double before = Environment.CpuUsage.TotalTime.TotalSeconds;
                var (bits, octets) = iperf.Tcp(1, seconds);
                double cpu = (Environment.CpuUsage.TotalTime.TotalSeconds - before) / (octets / 1e9);
                var (packets, _) = Blast.Run(network, 64, 0, seconds);
                results[trick].Add((bits / 1e9, packets / 1e3, cpu));
                say(string.Create(CultureInfo.InvariantCulture, $"round {round} of {rounds}, {trick.Name}: {bits / 1e9:0.00} Gbit/s, {packets / 1e3:0} thousand packets/s, {cpu:0.0} CPU s per GB"));
                loops.ForEach(loop => loop.Dispose());
            }
        }
        return Table(results);
    }

    private static string Table(Dictionary<Trick, List<(double Tcp, double Udp, double Cpu)>> results)
    {
        static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
        var whole = results[Trick.All[0]];
        var lines = new List<string>
        {
            "| packet wire | TCP, 1 stream, Gbit/s | of everything | UDP 64 B, thousand received/s | of everything | CPU s per GB |",
            "|---|---|---|---|---|---|",
        };
        foreach (var (trick, rounds) in results)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {trick.Name} | {Median(rounds.Select(round => round.Tcp)):0.00} | {Median(rounds.Zip(whole, (round, all) => round.Tcp / all.Tcp)):0.00} | {Median(rounds.Select(round => round.Udp)):0} | {Median(rounds.Zip(whole, (round, all) => round.Udp / all.Udp)):0.00} | {Median(rounds.Select(round => round.Cpu)):0.0} |"));
        }
        return string.Join('\n', lines);
    }

    /// <summary>What a node would have made.</summary>
    private static void Prepare(LabHost host)
    {
        File.WriteAllText(host.SubnetFile, $"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.{host.Index}.1/24\nFLANNEL_MTU=1472\nFLANNEL_IPMASQ=false\n");
        host.ConnectContainer();
        host.Host.Run(() => Kernel.Sysctl.Sysctls.Ensure("net.ipv4.ip_forward", "1"));
        using var kernel = host.Host.Run(RtnetlinkSocket.Open);
        Do(kernel, new RtnetlinkChange.CreateTun(Device, "benchmark"));
        int index = kernel.FindLink(Device)!.Index;
        Do(kernel, new RtnetlinkChange.SetLink(index) { Up = true, Mtu = 1472, TxQueueLength = 10_000 });
        Do(kernel, new RtnetlinkChange.PutRoute(new Route(IpPrefix.Parse("10.244.0.0/16")) { Interface = index }, Replace: false));
    }

    private static void Do(RtnetlinkSocket kernel, RtnetlinkChange change)
    {
        if (kernel.Apply([change])[0] is { } error)
            throw new InvalidOperationException(error.Text);
    }

    private static ForwarderLoop Start(LabNetwork network, int me, ForwarderOptions options)
    {
        var (host, other) = (network.Hosts[me], network.Hosts[1 - me]);
        var peer = new ForwardingPeer(other.Name, new IPEndPoint(other.UnderlayAddress, 8285));
        var tables = new ForwardingTables
        {
            Current = new ForwardingTable([(IpPrefix.Parse($"10.244.{other.Index}.0/24"), peer)], [IpPrefix.Parse($"10.244.{host.Index}.0/24")], [IPAddress.Parse($"10.244.{host.Index}.0")], 1500),
        };
        var setup = new ForwarderSetup(Device, [new IPEndPoint(host.UnderlayAddress, 8285)], tables, options);
        return host.Host.Run(() => ForwarderLoop.Start(setup, 0, new ForwarderCounters(), failure => Console.Error.WriteLine(failure.Message)));
    }
}
